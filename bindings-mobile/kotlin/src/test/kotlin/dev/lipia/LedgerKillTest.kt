package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.Shop
import dev.lipia.support.eventually
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.api.parallel.Execution
import org.junit.jupiter.api.parallel.ExecutionMode
import java.nio.file.Path
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * An app with a ledger that is killed at each of its steps, and opened again: one prompt, and its outcome is told. No line of the
 * app is about that but the order's name. It waits for minutes, so it runs beside other tests.
 */
@Execution(ExecutionMode.CONCURRENT)
class LedgerKillTest {
    @TempDir
    lateinit var folder: Path
    private val sandbox = Sandbox.start()
    private val shop = Shop()

    @AfterEach
    fun end() {
        shop.close()
        sandbox.close()
    }

    /** Runs the app until it ends itself as if killed, at its step of that number. Whether it came so far. */
    private fun killedAt(step: Int, ledger: Path): Boolean {
        val process = child(
            "dev.lipia.LedgerTill",
            listOf("-Djna.library.path=" + System.getProperty("jna.library.path")),
            emptyList(),
            sandbox.address, shop.callbackUrl, ledger.toString(), step.toString(),
        ).inheritIO().start()
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        } finally {
            process.destroyForcibly()
        }
        assertTrue(process.exitValue() in setOf(0, LedgerTill.KILLED), "it ended with ${process.exitValue()}")
        return process.exitValue() == LedgerTill.KILLED
    }

    @Test
    fun `killed at every step`() = runBlocking {
        withTimeout(10.minutes) {
            var steps = 0
            var unsent = 0
            do {
                sandbox.reset()
                // Callbacks wait for the app that is opened again.
                val reopened = CompletableDeferred<Daraja>()
                shop.receive = { path, body -> reopened.await().receiveCallback(path, body) }
                val ledger = folder.resolve("$steps.db")
                val wasKilled = killedAt(++steps, ledger)
                LedgerTill.client(sandbox.address, shop.callbackUrl, ledger).use { daraja ->
                    reopened.complete(daraja)
                    if (!isFinishedAfter(steps, daraja)) unsent++
                }
            } while (wasKilled)
            // Opened, claimed, prompted, accepted, settled, told, acknowledged at least.
            assertTrue(steps > 7, "there were only $steps steps")
            assertTrue(unsent < steps / 2, "$unsent of $steps were claimed and never sent")
            assertEquals(emptyList(), shop.mistakes.toList())
        }
    }

    /**
     * Taps again, and sees to it that the sale is paid with one prompt and told. Not where the app was killed between its claim and
     * the first byte: nobody can know that, so the order waits for a person, and nobody is prompted.
     */
    private suspend fun isFinishedAfter(step: Int, daraja: Daraja): Boolean = coroutineScope {
        val payment = daraja.request(sale(), order = "table-9")
        if (sandbox.counted("push_attempts") == 0L) {
            assertEquals(true to PaymentState.SENDING, payment.isExisting to payment.state, "killed at step $step")
            return@coroutineScope false
        }
        val told = ConcurrentLinkedQueue<Payment>()
        val collector = launch(Dispatchers.Default) {
            daraja.outcomes.collect { outcome ->
                told += outcome.payment
                outcome.done()
            }
        }
        // A telling that a dead app had is told again when its lease of a minute is over.
        eventually("the sale of step $step is paid and told", patience = 3.minutes) {
            val known = daraja.payments.get(payment.id)
            known.receipt != null && told.isNotEmpty() && daraja.payments.search(PaymentSearch(onlyOwed = true)).payments.isEmpty()
        }
        collector.cancelAndJoin()
        assertTrue(told.all { it.id == payment.id && it.isPaid }, "killed at step $step: $told")
        assertTrue(daraja.request(sale(), order = "table-9").run { isPaid && isExisting })
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"), "killed at step $step")
        true
    }
}

/** The app: it sells one order and acknowledges what it is told. Its steps are the lines of its log, and its own. */
object LedgerTill {
    const val KILLED: Int = 137

    fun client(address: String, callbackUrl: String, ledger: Path): Daraja = Daraja(
        CredentialsProvider { Sandbox.darajaCredentials() },
        ClientSettings(
            baseUrl = address,
            callbackUrl = callbackUrl,
            timeout = 10.seconds,
            wait = WaitOptions(1.minutes, firstQueryAfter = 1.seconds, queryEvery = 1.seconds, longestPause = 1.seconds),
        ),
        ledger = Ledger.file(ledger),
    )

    @JvmStatic
    fun main(arguments: Array<String>) {
        val (address, callbackUrl, ledger, last) = arguments
        val steps = AtomicInteger()
        fun step() {
            // Nothing is closed and nothing is written after this: to the kernel it is the same as a kill.
            if (steps.incrementAndGet() == last.toInt()) Runtime.getRuntime().halt(KILLED)
        }
        setLogger(LogLevel.INFO) { _, _ -> step() }
        val daraja = client(address, callbackUrl, Path.of(ledger))
        runBlocking {
            step()
            daraja.collect(sale(), order = "table-9")
            step()
            val told = daraja.outcomes.first()
            step()
            told.done()
            step()
        }
        Runtime.getRuntime().halt(0)
    }
}
