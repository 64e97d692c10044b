package dev.lipia.till.app

import android.app.Application
import dev.lipia.ClientSettings
import dev.lipia.Daraja
import dev.lipia.GatewayEnvironment
import dev.lipia.Ledger
import dev.lipia.till.TillViewModel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.launch

/** What lives as long as the app: the client, and the sales under way. A screen that turns or goes away ends none of them. */
class TillApp : Application() {
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    val keys by lazy { KeystoreCredentials(this) }

    private lateinit var opened: Deferred<OpenTill>
    private var listening: Job? = null

    override fun onCreate() {
        super.onCreate()
        // Off the main thread: the first client loads the native library, and the ledger is on the disk.
        opened = scope.async(Dispatchers.IO) {
            val client = Daraja(keys, SETTINGS, ledger = Ledger.file(noBackupFilesDir.resolve("payments.db")))
            OpenTill(client, TillViewModel(client))
        }
        if (keys.areThere) start()
    }

    /** The till, once it is open. */
    suspend fun till(): TillViewModel = opened.await().model

    /** Keeps other keys, and takes up with them what the old ones may have been wrong for. */
    suspend fun keep(typed: DarajaKeys) {
        keys.keep(typed)
        opened.await().client.forgetCredentials()
        start()
    }

    /** Listens for what becomes of each sale, until the app ends, and takes up what is open. Needs keys, and prompts nobody. */
    private fun start() {
        // Once for the app: other keys need no second listener.
        if (listening == null) listening = scope.launch { till().listen() }
        scope.launch { till().takeUp() }
    }

    /** In the background no keys are needed; the next call asks the Keystore. */
    fun toBackground() {
        scope.launch { opened.await().client.forgetCredentials() }
    }

    private class OpenTill(val client: Daraja, val model: TillViewModel)

    private companion object {
        // Safaricom's test system, or the sandbox on the developer's machine, and an address of your own server: examples/relay
        // keeps callbacks at /kept. app/build.gradle.kts says which.
        val SETTINGS = ClientSettings(
            environment = GatewayEnvironment.SANDBOX,
            baseUrl = BuildConfig.BASE_URL,
            callbackUrl = BuildConfig.CALLBACK_URL,
        )
    }
}
