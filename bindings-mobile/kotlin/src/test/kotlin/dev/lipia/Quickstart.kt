package dev.lipia

/** What the project's README and this library's show, word for word: [ReadmeTest] compares them and runs these. */
class Quickstart {
    fun interface Keystore {
        suspend fun darajaCredentials(): Credentials
    }

    suspend fun sellTea(sandbox: String, credentials: CredentialsProvider): Payment =
        Daraja(credentials, ClientSettings(baseUrl = sandbox, callbackUrl = "https://shop.example.co.ke/pay"))
            .use { daraja -> daraja.collect(StkPush("0712345678", 150, "INV-001")) }

    fun open(keystore: Keystore): Daraja = Daraja(
        CredentialsProvider { keystore.darajaCredentials() },
        ClientSettings(environment = GatewayEnvironment.PRODUCTION, callbackUrl = "https://shop.example.co.ke/pay"),
    )

    suspend fun sell(daraja: Daraja, show: (String) -> Unit) {
        val payment = daraja.reserve(StkPush("0712345678", 150, "INV-001"))
        daraja.push(payment)
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
        error.payment?.let { daraja.wait(it).outcome.word() } ?: error.message
    } catch (error: LipiaException.TryAgain) {
        "Nobody was prompted; safe to try again after ${error.retryAfter}."
    } catch (error: LipiaException) {
        error.message
    }

    suspend fun afterRestart(daraja: Daraja, saved: String): Payment = daraja.wait(daraja.resume(saved))
}
