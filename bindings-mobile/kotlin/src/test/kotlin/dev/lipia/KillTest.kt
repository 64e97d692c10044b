package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.Shop
import dev.lipia.support.eventually
import dev.lipia.support.test
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * An app that is killed by the system while its customer holds the phone, and opened again: one prompt, and the right outcome.
 * [LedgerKillTest] kills an app at every step whose customer pays at once.
 */
class KillTest {
    @TempDir
    lateinit var folder: Path
    private val sandbox = Sandbox.start()
    private val shop = Shop()

    @AfterEach
    fun end() {
        shop.close()
        sandbox.close()
    }

    private fun opened() = Till.client(sandbox.address, shop.callbackUrl, folder.resolve("payments.db"))

    /** Sells in a JVM of its own, and kills that once the phone was prompted and the ledger has the payment in that state. */
    private suspend fun sellAndKill(state: PaymentState) {
        val process = child(
            "dev.lipia.Till",
            listOf("-Djna.library.path=" + System.getProperty("jna.library.path")),
            emptyList(),
            sandbox.address, shop.callbackUrl, folder.resolve("payments.db").toString(),
        ).inheritIO().start()
        try {
            opened().use { beside ->
                eventually("the app has prompted and its ledger has $state") {
                    check(process.isAlive) { "the app ended by itself with ${process.exitValue()}" }
                    sandbox.counted("prompts") == 1L && beside.payments.ofOrder("table-9").singleOrNull()?.state == state
                }
            }
        } finally {
            process.destroyForcibly()
        }
        assertTrue(process.waitFor(20, TimeUnit.SECONDS))
        assertEquals(137, process.exitValue(), "it was not killed")
    }

    /** Taps again in the app that was opened again: the sale has its payment, in that state, and nobody is prompted. */
    private suspend fun Daraja.tapAgain(state: PaymentState): Payment =
        request(sale("254712349001"), order = "table-9").also { assertEquals(true to state, it.isExisting to it.state) }

    /** Is told the one outcome. */
    private suspend fun Daraja.told(): Payment = outcomes.first().also { assertTrue(it.done()) }.payment

    @Test
    fun `killed between push and outcome`() = test {
        sandbox.script("254712349001", "manual")
        sellAndKill(PaymentState.ACCEPTED)
        opened().use { daraja ->
            val payment = daraja.tapAgain(PaymentState.ACCEPTED)
            sandbox.act(payment.checkoutRequestId!!, "pay")
            assertEquals(Outcome.SUCCESS, daraja.wait(payment).outcome)
            val told = daraja.told()
            assertEquals(Triple(payment.id, Outcome.SUCCESS, true), Triple(told.id, told.outcome, told.orderIsPaid))
        }
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }

    @Test
    fun `killed in mid-push, and told by the callback alone`() = test {
        sandbox.script("254712349001", "manual")
        sandbox.inject("push", "slow_after", "seconds" to 10_000)
        sellAndKill(PaymentState.SENDING)
        opened().use { daraja ->
            val payment = daraja.tapAgain(PaymentState.SENDING)
            shop.receive = { path, body -> daraja.receiveCallback(path, body) }
            sandbox.act(sandbox.payments().single().getValue("checkout_request_id").toString().trim('"'), "cancel")
            val told = daraja.told()
            assertEquals(Triple(payment.id, Outcome.CANCELLED, false), Triple(told.id, told.outcome, told.orderIsPaid))
            eventually("the callback was taken in") { shop.verdicts == listOf<String?>("believed") }
        }
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }
}

/** The app that is killed: it sells one order, and waits for the outcome. Nothing in it is about being killed. */
object Till {
    fun client(address: String, callbackUrl: String, ledger: Path? = null): Daraja = Daraja(
        CredentialsProvider { Sandbox.darajaCredentials() },
        ClientSettings(
            baseUrl = address,
            callbackUrl = callbackUrl,
            timeout = 5.minutes,
            wait = WaitOptions(5.minutes, firstQueryAfter = 1.seconds, queryEvery = 1.seconds, longestPause = 1.seconds),
        ),
        ledger = ledger?.let(Ledger::file),
    )

    @JvmStatic
    fun main(arguments: Array<String>) {
        val (address, callbackUrl, ledger) = arguments
        client(address, callbackUrl, Path.of(ledger)).use { daraja ->
            runBlocking { daraja.collect(sale("254712349001"), order = "table-9") }
        }
    }
}
