package dev.lipia.till.app

import android.app.Application
import dev.lipia.ClientSettings
import dev.lipia.Daraja
import dev.lipia.GatewayEnvironment
import dev.lipia.till.PaymentFiles
import dev.lipia.till.TillViewModel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch

/** What lives as long as the app: the client, and the sales under way. A screen that turns or goes away ends none of them. */
class TillApp : Application() {
    val keys by lazy { KeystoreCredentials(this) }

    private val client by lazy { Daraja(keys, SETTINGS, store = payments) }
    private val payments by lazy { PaymentFiles(noBackupFilesDir.toPath().resolve("payments")) }
    val till by lazy { TillViewModel(client, payments) }

    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)

    override fun onCreate() {
        super.onCreate()
        // What the system's last kill interrupted. Prompts nobody.
        scope.launch { if (keys.areThere) till.takeUp() }
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
