package dev.lipia

import dev.lipia.testing.Sandbox
import java.io.File

/** What the project's README and this library's show, word for word: [ReadmeTest] compares them and runs these. */
class Quickstart {
    fun interface Keystore {
        suspend fun darajaCredentials(): Credentials
    }

    suspend fun sellTea(sandbox: String, credentials: CredentialsProvider): Payment =
        Daraja(credentials, ClientSettings(baseUrl = sandbox, callbackUrl = "https://shop.example.co.ke/pay"))
            .use { daraja -> daraja.collect(StkPush("0712345678", 150, "INV-001")) }

    fun open(keystore: Keystore, folder: File): Daraja = Daraja(
        CredentialsProvider { keystore.darajaCredentials() },
        ClientSettings(environment = GatewayEnvironment.PRODUCTION, callbackUrl = "https://shop.example.co.ke/pay"),
        ledger = Ledger.file(folder.resolve("payments.db")), // on Android in noBackupFilesDir
    )

    suspend fun sell(daraja: Daraja, show: (String) -> Unit) {
        val payment = daraja.request(StkPush("0712345678", 150, "TABLE-9"), order = "table-9-lunch") // two taps, one prompt
        if (payment.isPaid) return show("paid already, receipt ${payment.receipt ?: "on the statement"}")
        if (payment.state == PaymentState.SETTLED) {
            return show("not paid" + (payment.orderFreeAt?.let { "; the order is free again at $it" } ?: ""))
        }
        if (payment.isExisting) show("this sale is in flight")
        daraja.watch(payment).collect { progress ->
            when (progress) {
                is Progress.Queried -> show("waiting for the customer, ${progress.elapsed.inWholeSeconds} s")
                is Progress.QueryFailed, is Progress.CallbackReceived -> Unit
                is Progress.Settled -> show(
                    if (progress.payment.isPaid) "paid" else progress.payment.describe().customerMessageSw,
                )
                is Progress.TimedOut -> show("nobody can say yet: ask again later, never push again")
            }
        }
    }

    suspend fun pushCarefully(daraja: Daraja, push: StkPush): String = try {
        daraja.stkPush(push).id
    } catch (error: LipiaException.FindOut) {
        // A phone may have been prompted: wait for the payment, and never push again.
        error.payment?.let { daraja.wait(it).outcome.word } ?: error.message
    } catch (error: LipiaException.TryAgain) {
        "Nobody was prompted; safe to try again after ${error.retryAfter}."
    } catch (error: LipiaException) {
        error.message
    }

    suspend fun listen(daraja: Daraja, show: (Payment) -> Unit, log: (String) -> Unit) {
        daraja.outcomes.collect { outcome ->
            show(outcome.payment)
            try {
                outcome.done() // without it, it is told again: a minute later, by this process or the next
            } catch (error: LipiaException) {
                log(error.message) // a full disk, say: it is told again
            }
        }
    }

    suspend fun aSaleIsPaid(): Unit = Sandbox.start().use { sandbox ->
        sandbox.daraja().use { daraja ->
            check(daraja.collect(StkPush("0712345678", 150, "INV-001")).isPaid)
            check(sandbox.prompts == 1)
        }
    }
}
