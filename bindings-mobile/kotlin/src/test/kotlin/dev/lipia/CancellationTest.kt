package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.eventually
import dev.lipia.support.test
import dev.lipia.support.text
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

/** Coroutines that are cancelled at any moment: they end at once, no payment is lost, and nobody is prompted twice. */
class CancellationTest {
    private val sandbox = Sandbox.start()
    private val daraja = sandbox.daraja()

    @AfterEach
    fun end() {
        daraja.close()
        sandbox.close()
    }

    /** Cancels a verb once its push has reached the gateway, which takes its time to answer. */
    private suspend fun leave(verb: suspend () -> Any): Unit = coroutineScope {
        sandbox.inject("push", "slow_after", "seconds" to 200)
        val call = async(Dispatchers.Default) { runCatching { verb() } }
        eventually("the push has arrived") { sandbox.counted("push_attempts") == 1L }
        call.cancelAndJoin()
        assertFailsWith<CancellationException> { call.await() }
        assertEquals(false, daraja.isAtRest, "it ended with the gateway's answer, or took the push with it")
        daraja.drain()
    }

    private suspend fun isFoundUnclaimed(verb: suspend () -> Any) {
        leave(verb)
        val payment = daraja.unclaimed().single()
        assertEquals(emptyList(), daraja.unclaimed(), "each is handed out once")
        isAccepted(payment)
        assertTrue(daraja.wait(payment).isPaid)
        assertEquals(1, sandbox.counted("prompts"))
    }

    private fun isAccepted(payment: PaymentHandle) {
        assertEquals(PaymentState.ACCEPTED, payment.snapshot().state)
        assertEquals(sandbox.payments().single().text("checkout_request_id"), payment.snapshot().checkoutRequestId)
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }

    @Test
    fun `a push that was cancelled is unclaimed, with its acceptance`() = test {
        isFoundUnclaimed { daraja.stkPush(sale()) }
    }

    @Test
    fun `a collect that was cancelled is unclaimed, with its acceptance`() = test {
        isFoundUnclaimed { daraja.collect(sale()) }
    }

    @Test
    fun `a payment that was reserved gets the acceptance of its cancelled push`() = test {
        val payment = daraja.reserve(sale())
        leave { daraja.push(payment) }
        isAccepted(payment)
        val again = assertFailsWith<LipiaException.LookAtPayment> { daraja.push(payment) }
        assertEquals("payment_already_sent", again.code)
        assertEquals(1, sandbox.counted("prompts"))
    }

    @Test
    fun `withTimeout ends a push in time and loses nothing`() = test {
        sandbox.inject("push", "slow_after", "seconds" to 200)
        assertFailsWith<TimeoutCancellationException> { withTimeout(300.milliseconds) { daraja.stkPush(sale()) } }
        daraja.drain()
        // Where the machine was slow it had not even begun.
        val known = daraja.unclaimed().map { it.snapshot().state }
        assertEquals(listOf(if (sandbox.counted("prompts") == 1L) PaymentState.ACCEPTED else PaymentState.RESERVED), known)
    }

    @Test
    fun `a wait that is cancelled leaves the payment as it is`() = test {
        sandbox.script("254712349001", "manual")
        val payment = daraja.reserve(sale("254712349001"))
        daraja.push(payment)
        val wait = async(Dispatchers.Default) { daraja.wait(payment, WaitOptions(timeout = 600.seconds)) }
        eventually("it asks") { sandbox.counted("queries") > 0 }
        wait.cancelAndJoin()
        assertEquals(PaymentState.ACCEPTED, payment.snapshot().state)
        sandbox.act(payment.snapshot().checkoutRequestId!!, "pay")
        assertTrue(daraja.wait(payment).isPaid)
    }

    @Test
    fun `who stops collecting ends the wait, and the next collection goes on`() = test {
        sandbox.script("254712349001", "manual")
        val payment = daraja.reserve(sale("254712349001"))
        daraja.push(payment)
        val watch = daraja.watch(payment, WaitOptions(timeout = 600.seconds))
        assertIs<Progress.Queried>(watch.first())
        val job = launch(Dispatchers.Default) { watch.collect {} }
        yield()
        job.cancelAndJoin()
        daraja.drain()
        val asked = sandbox.counted("queries")
        sandbox.act(payment.snapshot().checkoutRequestId!!, "pay")
        val settled = assertIs<Progress.Settled>(watch.first { it is Progress.Settled })
        assertTrue(settled.payment.isPaid)
        assertTrue(sandbox.counted("queries") > asked)
        assertEquals(1, sandbox.counted("prompts"))
    }

    @Test
    fun `what a collector throws is the collector's`() = test {
        val payment = daraja.reserve(sale())
        daraja.push(payment)
        class Mine : Exception()
        assertFailsWith<Mine> { daraja.watch(payment).collect { throw Mine() } }
        assertTrue(daraja.wait(payment).isPaid)
    }

    @Test
    fun `a coroutine that was cancelled before sends nothing`() = test {
        val call = launch(start = CoroutineStart.UNDISPATCHED) {
            cancel()
            daraja.stkPush(sale())
        }
        call.join()
        daraja.drain()
        // It may have begun: then it is kept, and nothing was sent or the acceptance is here.
        val prompts = sandbox.counted("prompts")
        assertEquals(prompts, daraja.unclaimed().count { it.snapshot().checkoutRequestId != null }.toLong())
    }

    @Test
    fun `no payment is lost by callers that leave at any moment`() = test {
        val known = mutableSetOf(daraja.stkPush(sale(phone(9_000))).id)
        // The first push fetched a token; this one takes as long as those that follow.
        val usual = measureTime { known += daraja.stkPush(sale(phone(9_001))).id }
        repeat(100) { step ->
            if (step % 2 == 1) sandbox.inject("push", "slow_after", "seconds" to 0.3)
            val call = async(Dispatchers.Default) { daraja.stkPush(sale(phone(step))) }
            // From at once to twice as long as a push takes: before, amid and after it.
            delay(usual * step / 50)
            call.cancel()
            runCatching { call.await() }.onSuccess { known += it.id }
        }
        sandbox.clearFaults()
        daraja.drain()
        val kept = mutableListOf<Payment>()
        val prompted = sandbox.payments().associate { it.text("checkout_request_id") to it.text("phone") }
        // What was cancelled while it returned is kept a moment later.
        eventually("whoever was prompted is known or unclaimed") {
            kept += daraja.unclaimed().map { it.snapshot() }
            (prompted.keys - known - kept.map { it.checkoutRequestId }.toSet()).isEmpty()
        }
        val ids = kept.mapNotNull { it.checkoutRequestId }.toSet()
        for (payment in kept.filter { it.state == PaymentState.RESERVED }) {
            assertTrue(payment.push.phoneNumber !in prompted.values, "it was prompted and is kept as not sent")
        }
        val byPhone = sandbox.payments().groupingBy { it.text("phone") }.eachCount()
        assertTrue(byPhone.values.all { it == 1 }, "somebody was prompted twice: $byPhone")
        assertTrue(ids.isNotEmpty() && known.size > 2, "${ids.size} kept, ${known.size} came: the moments are too alike")
    }
}
