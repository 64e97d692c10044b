package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.test
import dev.lipia.testing.MadeUp
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.io.IOException
import java.math.BigDecimal
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNotSame
import kotlin.test.assertSame
import kotlin.test.assertTrue

/** What programs in Kotlin expect of a library: numbers as numbers, equality, causes, frames of the caller. */
class SurfaceTest {
    private val sandbox = Sandbox.start()
    private val daraja = sandbox.daraja()

    @AfterEach
    fun end() {
        daraja.close()
        sandbox.close()
    }

    @Test
    fun `amounts are whole numbers of any size, and decimals where they may be rounded`() {
        val hundredAndFifty = listOf(
            StkPush("0712345678", 150, "INV-001"),
            StkPush("0712345678", 150L, "INV-001"),
            StkPush("0712345678", BigDecimal("150.00"), "INV-001"),
            StkPush("0712345678", BigDecimal("1.5E+2"), "INV-001"),
            StkPush("0712345678", BigDecimal("149.5"), "INV-001", roundAmount = true),
        )
        for (push in hundredAndFifty) assertEquals(150, daraja.reserve(push).snapshot().push.amount, push.amount)
        for (amount in listOf("149.5", "1E+1000000000", "1E-1000000000", "-1")) {
            val error = assertFailsWith<LipiaException.CorrectInput>(amount) {
                daraja.reserve(StkPush("0712345678", BigDecimal(amount), "INV-001"))
            }
            assertEquals("amount", error.field)
        }
    }

    @Test
    fun `an error names what Kotlin calls it`() = test {
        assertContains(assertFailsWith<LipiaException.CorrectInput> { readPayment("{}") }.message, "`toJson()`")
        val palPluss = CredentialsProvider { Credentials.palPluss("pp_live_sandbox") }
        Daraja(palPluss, ClientSettings(baseUrl = sandbox.address, callbackUrl = "https://shop.example.co.ke/pay")).use { other ->
            val error = assertFailsWith<LipiaException.CorrectSettings> { other.stkPush(sale()) }
            assertEquals("keys_of_another_gateway" to "credentials", error.code to error.field)
        }
    }

    @Test
    fun `what the documents of parseAmount say is so`() {
        assertEquals(1500, parseAmount("1500"))
        for (text in listOf("1,500", "+1500", "1.5e3", "KES 1500")) assertFailsWith<LipiaException.CorrectInput>(text) { parseAmount(text) }
        assertEquals(250_000, parseAmount("250000"))
        assertEquals("amount", assertFailsWith<LipiaException.CorrectInput> { parseAmount("250001") }.field)
        assertEquals(300_000, parseAmount("300000", maxAmount = 300_000))
        assertFailsWith<LipiaException.CorrectInput> { parseAmount("150.50") }
        assertEquals(151, parseAmount("150.50", roundAmount = true))
        assertEquals(150, parseAmount("150.49", roundAmount = true))
    }

    @Test
    fun `an error is written as Kotlin is, and what it says to write is right`() {
        val long = "TABLE-9-LUNCH-AND-COFFEE"
        for (refused in listOf({ daraja.reserve(StkPush("0712345678", 150, long)) }, { parseAccountReference(long) })) {
            val error = assertFailsWith<LipiaException.CorrectInput> { refused() }
            assertContains(error.message, "`fit = Fit.TRUNCATE`")
            assertContains(error.hint.orEmpty(), "`fit = Fit.TRUNCATE`")
            assertContains(error.details.toString(), "`fit = Fit.TRUNCATE`")
        }
        val cut = listOf(
            StkPush("0712345678", 150, long, fit = Fit.TRUNCATE),
            StkPush("0712345678", 150L, long, fit = Fit.TRUNCATE),
            StkPush("0712345678", BigDecimal("150"), long, fit = Fit.TRUNCATE),
            StkPush("0712345678", "150", long, fit = Fit.TRUNCATE),
        )
        for (push in cut) assertEquals("TABLE-9-LUNC", daraja.reserve(push).snapshot().push.accountReference)
        assertEquals("TABLE-9-LUNC", parseAccountReference(long, fit = Fit.TRUNCATE).value)
        assertEquals("TABLE-9-LUNCH", parseTransactionDesc(long, fit = Fit.TRUNCATE).value)
        assertEquals(listOf(Fit.REFUSE, Fit.REFUSE), listOf(sale().fit, StkPush("0712345678", "150", "INV-001").fit))
        assertContains(assertFailsWith<LipiaException> { parseAmount("1.5") }.message, "`roundAmount = true`")
        val without = assertFailsWith<LipiaException> { sandbox.daraja(ClientSettings(baseUrl = sandbox.address)).use { it.reserve(sale()) } }
        assertContains(without.message, "`callbackUrl`")
    }

    @Test
    fun `handles of one payment are equal, and nothing else is equal to them`() {
        val payment = daraja.reserve(sale())
        val other = daraja.find(payment.id)!!
        assertNotSame(payment, other)
        assertEquals(payment, other)
        assertEquals(payment.hashCode(), other.hashCode())
        assertEquals(1, setOf(payment, other, daraja.resume(payment.toJson())).size)
        assertNotEquals(payment, daraja.reserve(sale()))
    }

    @Test
    fun `a handle that was closed says so, and keeps its id`() {
        val payment = daraja.reserve(sale()).apply { close() }
        for (verb in listOf<() -> Any>({ payment.snapshot() }, { payment.toJson() }, { payment.begin() })) {
            assertEquals("payment_closed", assertFailsWith<LipiaException.CorrectInput> { verb() }.code)
        }
        assertEquals(GatewayName.DARAJA, payment.gateway)
        assertTrue(payment.id in payment.toString())
    }

    @Test
    fun `a payment can be made up for a test without a sandbox`() {
        val paid = MadeUp.payment(Outcome.SUCCESS, amount = 70, receipt = "SAB1CD2EF3")
        assertEquals(listOf<Any?>(true, 70L, "SAB1CD2EF3", PaymentState.SETTLED), paid.run { listOf(isPaid, push.amount, receipt, state) })
        assertTrue(MadeUp.payment(Outcome.SUCCESS).run { isPaid && receipt == null })
        assertContains(assertFailsWith<IllegalArgumentException> { MadeUp.payment(Outcome.SUCCESS, receipt = "") }.message!!, "not a receipt")
        val open = MadeUp.payment(Outcome.UNKNOWN)
        assertEquals(PaymentState.UNKNOWN to false, open.state to open.isPaid)
        assertTrue(MadeUp.payment(Outcome.CANCELLED).describe().customerMessageSw.isNotEmpty())
    }

    /** A shop's code, which knows no gateway. */
    private class Counter(private val client: MerchantClient) {
        suspend fun sell(): Boolean = client.collect(sale()).isPaid
    }

    @Test
    fun `code that takes a MerchantClient is tested with one of its own`() = test {
        val outcomes = mutableListOf(Outcome.SUCCESS, Outcome.CANCELLED)
        val invented = object : MerchantClient by daraja {
            override suspend fun collect(push: StkPush, wait: WaitOptions?): Payment = MadeUp.payment(outcomes.removeAt(0))
        }
        assertEquals(listOf(true, false), List(2) { Counter(invented).sell() })
        assertEquals(0, sandbox.counted("push_attempts"))
        assertTrue(Counter(daraja).sell(), "a real one fits as well")
    }

    /** Somebody's handle, for a client of a test's own. */
    private class Invented(private val of: PaymentHandle) : PaymentHandle by of

    @Test
    fun `a handle of somebody else's is refused`() = test {
        val invented = Invented(daraja.reserve(sale()))
        for (verb in listOf<suspend () -> Any>({ daraja.push(invented) }, { daraja.wait(invented) }, { daraja.watch(invented).toList() })) {
            val error = assertFailsWith<LipiaException.CorrectInput> { verb() }
            assertEquals("payment_not_live" to "payment", error.code to error.field)
        }
        assertEquals(0, sandbox.counted("push_attempts"))
    }

    @Test
    fun `the app's own exception is the cause, and one of Lipia's comes through`() = test {
        val own = IOException("the safe is locked")
        sandbox.daraja(credentials = { throw own }).use { locked ->
            val error = assertFailsWith<LipiaException> { locked.stkPush(sale()) }
            assertEquals("keys_not_provided", error.code)
            assertSame(own, error.cause)
        }
        sandbox.daraja(credentials = { Credentials.daraja("key", "secret", "not a number", "pass") }).use { wrong ->
            val error = assertFailsWith<LipiaException.CorrectSettings> { wrong.stkPush(sale()) }
            assertEquals("shortCode" to Disposition.NOT_SENT, error.field to error.disposition)
        }
        assertEquals(0, sandbox.counted("push_attempts"))
    }

    private suspend fun sellAtTheCounter(): Acceptance = daraja.stkPush(sale("0712349012"))

    @Test
    fun `an exception has the frames of its caller, also where the coroutine went on elsewhere`() = test {
        for (dispatcher in listOf(Dispatchers.IO, Dispatchers.Unconfined)) {
            val error = assertFailsWith<LipiaException.TryAgain> { withContext(dispatcher) { sellAtTheCounter() } }
            val frames = error.stackTrace.map { it.methodName }
            assertTrue("sellAtTheCounter" in frames, "$dispatcher: $frames")
            assertEquals(1, frames.count { it == "sellAtTheCounter" }, "$frames")
        }
    }
}
