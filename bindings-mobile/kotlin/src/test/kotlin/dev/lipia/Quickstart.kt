package dev.lipia

/** What the README shows, word for word: [ReadmeTest] compares the two and runs these. */
class Quickstart {
    fun interface Keystore {
        suspend fun darajaCredentials(): Credentials
    }

    fun open(keystore: Keystore): Daraja = Daraja(
        CredentialsProvider { keystore.darajaCredentials() },
        ClientSettings(environment = GatewayEnvironment.PRODUCTION, callbackUrl = "https://shop.example.co.ke/pay"),
    )

    suspend fun sell(daraja: Daraja, show: (String) -> Unit) {
        val payment = daraja.reserve(StkPush("0712345678", 150, "INV-001"))
        daraja.push(payment)
        daraja.watch(payment).collect { progress ->
            when (progress) {
                is Progress.Asked -> show("waiting for the customer, ${progress.elapsed.inWholeSeconds} s")
                is Progress.NotTold, is Progress.News -> Unit
                is Progress.Settled -> show(
                    if (progress.payment.isPaid) "paid" else progress.payment.describe().customerMessageSw,
                )
                is Progress.StillOpen -> show("nobody can say yet: ask again later, never push again")
            }
        }
    }

    suspend fun pushCarefully(daraja: Daraja, push: StkPush): String = try {
        daraja.stkPush(push).checkoutRequestId
    } catch (error: LipiaException.FindOut) {
        // A phone may have been prompted: wait for the payments of unclaimed(), and never push again.
        daraja.unclaimed().joinToString { it.id() }
    } catch (error: LipiaException.TryAgain) {
        "Nobody was prompted; safe to try again after ${error.retryAfter}."
    } catch (error: LipiaException) {
        error.message
    }

    suspend fun afterRestart(daraja: Daraja, saved: String): Payment = daraja.wait(daraja.resume(saved))
}
