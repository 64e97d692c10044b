package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.Shop
import dev.lipia.support.eventually
import dev.lipia.support.test
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.util.concurrent.TimeUnit
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** An app that is killed, not ended, and opened again: one prompt, and the right outcome. */
class KillTest {
    @TempDir
    lateinit var folder: Path
    private val sandbox = Sandbox.start()
    private val shop = Shop()
    private val file get() = folder.resolve("payment.json")

    @AfterEach
    fun end() {
        shop.close()
        sandbox.close()
    }

    /** Pushes in a JVM of its own, and kills that once so many pushes have arrived and the saved payment is in that state. */
    private suspend fun pushAndKill(state: PaymentState) {
        val process = child(
            "dev.lipia.Till",
            listOf("-Djna.library.path=" + System.getProperty("jna.library.path")),
            emptyList(),
            sandbox.address, shop.callbackUrl, file.toString(),
        ).inheritIO().start()
        try {
            eventually("the app has prompted and saved $state") {
                check(process.isAlive) { "the app ended by itself with ${process.exitValue()}" }
                sandbox.counted("prompts") == 1L && Files.exists(file) && readPayment(file.readText()).state == state
            }
        } finally {
            process.destroyForcibly()
        }
        assertTrue(process.waitFor(20, TimeUnit.SECONDS))
        assertEquals(137, process.exitValue(), "it was not killed")
    }

    private fun reopened() = Till.client(sandbox.address, shop.callbackUrl)

    @Test
    fun `killed between push and outcome`() = test {
        sandbox.script("254712349001", "manual")
        pushAndKill(PaymentState.ACCEPTED)
        reopened().use { daraja ->
            val payment = daraja.resume(file.readText())
            assertFailsWith<LipiaException.LookAtPayment> { daraja.push(payment) }
            sandbox.act(payment.snapshot().checkoutRequestId!!, "pay")
            val ended = daraja.wait(payment)
            assertEquals(Outcome.SUCCESS, ended.outcome)
        }
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }

    @Test
    fun `killed in mid-push, and told by the callback alone`() = test {
        sandbox.script("254712349001", "manual")
        sandbox.inject("push", "slow_after", "seconds" to 10_000)
        pushAndKill(PaymentState.SENDING)
        reopened().use { daraja ->
            val payment = daraja.resume(file.readText())
            assertEquals(PaymentState.UNKNOWN to Outcome.UNKNOWN, payment.snapshot().run { state to outcome })
            assertFailsWith<LipiaException.LookAtPayment> { daraja.push(payment) }
            shop.receive = { path, body -> daraja.receiveCallback(path, body) }
            sandbox.act(sandbox.payments().single().getValue("checkout_request_id").toString().trim('"'), "cancel")
            val ended = daraja.wait(payment, WaitOptions(timeout = 50.seconds))
            assertEquals(Outcome.CANCELLED, ended.outcome)
            eventually("the callback was taken in") { shop.verdicts == listOf<String?>("believed") }
        }
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }
}

/** The app that is killed: it pushes, saves, and waits for the outcome. */
object Till {
    fun client(address: String, callbackUrl: String, store: PaymentStore? = null, ledger: Ledger? = null): Daraja = Daraja(
        CredentialsProvider { Sandbox.darajaCredentials() },
        ClientSettings(
            baseUrl = address,
            callbackUrl = callbackUrl,
            // The same in both lives, so that a callback finds its payment after the first has ended.
            callbackSecrets = listOf("a secret of this installation"),
            timeout = 5.minutes,
            wait = WaitOptions(5.minutes, firstQueryAfter = 1.seconds, queryEvery = 1.seconds, longestPause = 1.seconds),
        ),
        store = store,
        ledger = ledger,
    )

    @JvmStatic
    fun main(arguments: Array<String>) {
        val (address, callbackUrl, file) = arguments
        val store = PaymentStore { payment ->
            val beside = Path.of("$file.new")
            beside.writeText(payment.toJson())
            Files.move(beside, Path.of(file), ATOMIC_MOVE)
        }
        client(address, callbackUrl, store).use { daraja -> runBlocking { daraja.collect(sale("254712349001")) } }
    }
}
