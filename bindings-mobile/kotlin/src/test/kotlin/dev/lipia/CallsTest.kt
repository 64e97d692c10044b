package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.eventually
import dev.lipia.support.test
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The promises of the verbs, whatever the gateway does. */
class CallsTest {
    private val sandbox = Sandbox.start()
    private val daraja = sandbox.daraja()

    @AfterEach
    fun end() {
        daraja.close()
        sandbox.close()
    }

    @Test
    fun `a push whose answer is lost is sent once and is unknown`() = test {
        sandbox.inject("push", "answer_lost", "times" to "forever")
        val error = assertFailsWith<LipiaException.FindOut> { daraja.stkPush(sale()) }
        assertEquals(Disposition.UNKNOWN to false, error.disposition to error.retryable)
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
        assertEquals(error.paymentId, error.payment?.id)
        val payment = error.payment!!.snapshot()
        assertEquals(PaymentState.UNKNOWN to Outcome.UNKNOWN, payment.state to payment.outcome)
        assertEquals(Disposition.UNKNOWN, payment.lastError?.disposition)
        val twice = assertFailsWith<LipiaException.LookAtPayment> { daraja.push(daraja.resume(payment)) }
        assertEquals(payment.id, twice.payment?.id, "the second tap has the payment of the first")
        assertEquals(1, sandbox.counted("push_attempts"))
    }

    @Test
    fun `a push that is valid and odd is warned of in the acceptance and in the payment`() = test {
        val payment = daraja.reserve(StkPush(phone(1), 150, "INV#1"))
        val warnings = daraja.push(payment).warnings
        assertEquals(listOf("account_reference_unusual_character"), warnings.map { it.code })
        assertContains(warnings.single().message, "'#'")
        assertEquals(warnings, payment.snapshot().warnings)
        assertEquals(emptyList(), daraja.stkPush(sale()).warnings)
    }

    @Test
    fun `an error has its own payment, and nobody else gets it`() = test {
        sandbox.inject("push", "answer_lost", "times" to "forever")
        val errors = (0 until 8).map {
            async(Dispatchers.Default) { it to assertFailsWith<LipiaException.FindOut> { daraja.stkPush(sale(phone(it))) } }
        }.awaitAll()
        for ((number, error) in errors) {
            assertEquals(error.payment!!.snapshot().push.phoneNumber, parsePhoneNumber(phone(number)).number)
        }
        delay(1_500)
        assertEquals(emptyList(), daraja.unclaimed(), "their callers have them")
    }

    @Test
    fun `what was learnt by asking is written into the payment`() = test {
        val payment = daraja.reserve(sale())
        val unsent = assertFailsWith<LipiaException.LookAtPayment> { daraja.ask(payment) }
        assertEquals(payment.id, unsent.payment?.id)
        daraja.push(payment)
        eventually("the customer has paid") { daraja.ask(payment).isPaid }
        assertTrue(payment.snapshot().isPaid)
    }

    @Test
    fun `twenty cold pushes need one token`() = test {
        val pushes = (0 until 20).map { async(Dispatchers.Default) { daraja.stkPush(sale(phone(it))) } }.awaitAll()
        assertEquals(20, pushes.map { it.id }.toSet().size)
        assertEquals(listOf(1L, 20L, 20L), listOf("oauth_calls", "push_attempts", "prompts").map(sandbox::counted))
    }

    @Test
    fun `a wait tells what happens, and its last news is the outcome`() = test {
        val payment = daraja.reserve(sale())
        daraja.push(payment)
        val news = daraja.watch(payment).toList()
        val settled = assertIs<Progress.Settled>(news.last())
        assertTrue(settled.payment.isPaid && news.size > 1)
        val asked = news.dropLast(1).map { assertIs<Progress.Queried>(it) }
        assertEquals(asked.map { it.elapsed }.sorted(), asked.map { it.elapsed })
        assertEquals(settled.payment, payment.snapshot())
    }

    @Test
    fun `a wait for what was never pushed is refused`() = test {
        val payment = daraja.reserve(sale())
        assertFailsWith<LipiaException.LookAtPayment> { daraja.wait(payment) }
        assertFailsWith<LipiaException.LookAtPayment> { daraja.watch(payment).toList() }
        assertEquals(0, sandbox.counted("queries"))
    }

    @Test
    fun `a call has a time of its own`() = test {
        sandbox.inject("push", "slow_after", "seconds" to 10_000)
        val error = assertFailsWith<LipiaException.FindOut> { daraja.stkPush(sale(), timeout = 300.milliseconds) }
        assertEquals("no_answer_in_time", error.code)
        val open = daraja.collect(error.payment!!, WaitOptions(timeout = 200.milliseconds))
        assertEquals(Outcome.UNKNOWN, open.outcome)
    }

    @Test
    fun `a refused push says by whom and what to do`() = test {
        val error = assertFailsWith<LipiaException.TryAgain> { daraja.stkPush(sale("0712349012")) }
        assertEquals(ErrorKind.SUBSCRIBER_BUSY to "500.001.1001", error.kind to error.code)
        assertEquals(500 to true, error.httpStatus to error.retryable)
        assertTrue(error.retryAfter!! > 0.seconds && error.requestId!!.isNotEmpty())
        assertContains(error.message, error.hint!!)
        assertEquals("dev.lipia.LipiaException\$TryAgain: ${error.message}", error.toString())
        assertFailsWith<LipiaException.TryAgain> { daraja.collect(sale("0713349012")) }
        assertEquals(emptyList(), daraja.unclaimed(), "what prompted nobody is not to be looked after")
    }

    @Test
    fun `a connection that is refused has its causes`() = test {
        sandbox.daraja(sandbox.settings.copy(baseUrl = "http://127.0.0.1:9")).use { nowhere ->
            val error = assertFailsWith<LipiaException.TryAgain> { nowhere.stkPush(sale()) }
            assertEquals(ErrorKind.CONNECTION to Disposition.NOT_SENT, error.kind to error.disposition)
            val causes = generateSequence(error.cause) { it.cause }.map { it.message.orEmpty() }.toList()
            assertEquals(error.details.causes, causes)
            assertContains(causes.last(), "refused")
        }
    }

    @Test
    fun `a payment is found by its id and described in words`() = test {
        val payment = daraja.collect(sale("0712341032"))
        assertEquals(Outcome.CANCELLED, payment.outcome)
        assertTrue(payment.describe().customerMessageSw.isNotEmpty())
        val held = daraja.reserve(sale())
        assertEquals(held.id, assertNotNull(daraja.find(held.id)).id)
        assertNull(daraja.find("0".repeat(held.id.length)))
        assertFailsWith<LipiaException.CorrectInput> { daraja.find("not an id") }
    }

    @Test
    fun `a client that was closed says so, and keeps what is its own`() = test {
        sandbox.inject("push", "slow_after", "seconds" to 100, "times" to 2)
        val payment = daraja.reserve(sale())
        val saved = payment.toJson()
        val event = daraja.parseCallback(PAID.encodeToByteArray())
        val push = async(Dispatchers.Default) { daraja.stkPush(sale(phone(1))) }
        eventually("the push has arrived") { sandbox.counted("push_attempts") == 1L }
        val left = async(Dispatchers.Default) { daraja.stkPush(sale(phone(2))) }
        eventually("the other has arrived") { sandbox.counted("push_attempts") == 2L }
        left.cancel()
        daraja.close()
        daraja.close()
        val refused = listOf<suspend () -> Any>(
            { daraja.stkPush(sale()) },
            { daraja.collect(sale()) },
            { daraja.collect(payment) },
            { daraja.reserve(sale()) },
            { daraja.push(payment) },
            { daraja.stkQuery("ws_CO_1") },
            { daraja.wait(payment) },
            { daraja.wait("ws_CO_1") },
            { daraja.watch(payment).toList() },
            { daraja.resume(saved) },
            { daraja.receiveCallback("/pay", PAID.encodeToByteArray()) },
            { daraja.believe(payment, event) },
        )
        for (verb in refused) {
            val error = assertFailsWith<LipiaException.CorrectSettings> { verb() }
            assertEquals("client_closed" to Disposition.NOT_SENT, error.code to error.disposition)
            assertTrue('\n' !in error.message && error.message.isNotEmpty())
        }
        assertTrue(push.await().id.isNotEmpty(), "a push under way goes on")
        daraja.drain()
        assertEquals(listOf(PaymentState.ACCEPTED), daraja.unclaimed().map { it.snapshot().state })
        assertEquals(2L to 2L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }

    @Test
    fun `a client is closed at the end of a block`() = test {
        val kept = sandbox.daraja().use { it.apply { stkPush(sale()) } }
        assertFailsWith<LipiaException.CorrectSettings> { kept.stkPush(sale()) }
    }

    @Test
    fun `an app that saves payments itself announces the push`() = test {
        val payment = daraja.reserve(sale())
        payment.begin()
        val saved = payment.toJson()
        assertEquals(PaymentState.SENDING, readPayment(saved).state)
        daraja.push(payment)
        assertFailsWith<LipiaException.LookAtPayment> { payment.begin() }
        assertTrue(daraja.wait(payment).isPaid)
        sandbox.daraja().use { other ->
            // As after a crash between the file and the answer.
            val cutOff = other.resume(saved)
            assertEquals(payment.id to PaymentState.UNKNOWN, cutOff.id to cutOff.snapshot().state)
            assertFailsWith<LipiaException.LookAtPayment> { other.push(cutOff) }
            assertEquals(payment.snapshot(), readPayment(payment.toJson()))
        }
        sandbox.daraja().use { other ->
            val after = other.resume(readPayment(payment.toJson()))
            assertEquals(payment.id to true, after.id to after.snapshot().isPaid)
        }
        assertEquals(1L to 1L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }
}

/** A callback of Daraja's for a payment. */
const val PAID: String = """{"Body":{"stkCallback":{"MerchantRequestID":"1","CheckoutRequestID":"ws_CO_1","ResultCode":0,
"ResultDesc":"ok","CallbackMetadata":{"Item":[{"Name":"Amount","Value":150},{"Name":"MpesaReceiptNumber","Value":"SAB1"},
{"Name":"TransactionDate","Value":20261122101500},{"Name":"PhoneNumber","Value":254712345678}]}}}}"""
