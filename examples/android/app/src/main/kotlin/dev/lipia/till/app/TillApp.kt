package dev.lipia.till.app

import android.app.Application
import dev.lipia.ClientSettings
import dev.lipia.Daraja
import dev.lipia.GatewayEnvironment
import dev.lipia.Ledger
import dev.lipia.till.TillViewModel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch

/** What lives as long as the app: the client, and the sales under way. A screen that turns or goes away ends none of them. */
class TillApp : Application() {
    val keys by lazy { KeystoreCredentials(this) }

    private val client by lazy { Daraja(keys, SETTINGS, ledger = Ledger.file(noBackupFilesDir.resolve("payments.db"))) }
    val till by lazy { TillViewModel(client) }

    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)

    override fun onCreate() {
        super.onCreate()
        if (keys.areThere) start()
    }

    /** Once there are keys: what becomes of each sale, until the app ends, and what the system's last kill interrupted. */
    fun start() {
        scope.launch { till.listen() }
        scope.launch { till.takeUp() }
    }

    /** In the background no keys are needed; the next call asks the Keystore. */
    fun toBackground() {
        if (keys.areThere) client.forgetCredentials()
    }

    private companion object {
        // Safaricom's test system, and an address of your own server: examples/relay keeps callbacks at /kept.
        val SETTINGS = ClientSettings(
            environment = GatewayEnvironment.SANDBOX,
            callbackUrl = "https://shop.example.co.ke/kept",
        )
    }
}
