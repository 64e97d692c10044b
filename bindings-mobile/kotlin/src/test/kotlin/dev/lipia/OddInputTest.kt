package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.test
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Bad input is normal: a clear error that names it, and nothing was sent. */
class OddInputTest {
    private val sandbox = Sandbox.start()
    private val daraja = sandbox.daraja()

    @AfterEach
    fun end() {
        assertEquals(0, sandbox.requests().size, "something was sent")
        daraja.close()
        sandbox.close()
    }

    private val oddTexts = listOf(
        "", " ", "\u0000", "\n", "x".repeat(100_000), "ñandú", "🦓", "\uFEFF", "\u202Edrow", "null", "{}", "%s%n", "'; --",
    )
    private val halves = listOf("\uD83E", "a\uDD93b", "\uDD93\uD83E")

    private suspend fun assertRefused(what: String, work: suspend () -> Unit): LipiaException {
        val error = assertFailsWith<LipiaException>(what) { work() }
        assertEquals(Disposition.NOT_SENT, error.disposition, what)
        assertTrue(error.message.isNotEmpty() && '\n' !in error.message && error.hint != null, "$what: $error")
        return error
    }

    @Test
    fun `in a push`() = test {
        for (text in oddTexts + halves) {
            for ((field, push) in mapOf(
                "phoneNumber" to sale().copy(phoneNumber = text),
                "amount" to sale().copy(amount = text),
                "callbackUrl" to sale().copy(callbackUrl = text),
            )) {
                for (verb in listOf<suspend () -> Unit>({ daraja.stkPush(push) }, { daraja.collect(push) }, { daraja.reserve(push) })) {
                    val error = assertRefused("$field ${text.take(20)}") { verb() }
                    assertEquals(if (text in halves) "text_not_unicode" else error.code, error.code)
                    if (text !in halves) assertEquals(field, error.field)
                }
            }
        }
        for (amount in listOf(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 250_001L)) {
            assertEquals("amount", assertRefused("$amount") { daraja.reserve(StkPush("0712345678", amount, "INV-001")) }.field)
        }
        assertEquals(emptyList(), daraja.unclaimed(), "a push that was never valid is kept")
    }

    @Test
    fun `in times`() = test {
        val payment = daraja.reserve(sale())
        for (time in listOf((-1).seconds, Duration.INFINITE, -Duration.INFINITE)) {
            assertEquals("timeout", assertRefused("$time") { daraja.stkPush(sale(), time) }.field)
            assertEquals("timeout", assertRefused("$time") { daraja.push(payment, time) }.field)
            assertEquals("timeout", assertRefused("$time") { daraja.stkQuery("ws_CO_1", time) }.field)
            assertRefused("$time") { sandbox.daraja(sandbox.settings.copy(timeout = time)) }
            for (wait in listOf(WaitOptions(timeout = time), WaitOptions(firstQueryAfter = time), WaitOptions(queryEvery = time))) {
                assertRefused("$wait") { daraja.collect(sale(), wait) }
                assertRefused("$wait") { daraja.collect(payment, wait) }
                assertRefused("$wait") { daraja.wait("ws_CO_1", wait) }
                assertRefused("$wait") { daraja.watch(payment, wait).toList() }
                assertRefused("$wait") { sandbox.daraja(sandbox.settings.copy(wait = wait)) }
            }
        }
        assertEquals(PaymentState.RESERVED, payment.snapshot().state)
    }

    @Test
    fun `in settings`() = test {
        val usual = sandbox.settings
        for (settings in oddTexts.map { usual.copy(baseUrl = it) } + listOf(
            usual.copy(baseUrl = "http://example.com"),
            usual.copy(baseUrl = "http://10.0.2.2:8600"),
            usual.copy(cleartextHosts = listOf("10.0.2.2:8600")),
            usual.copy(cleartextHosts = listOf(halves.first())),
            usual.copy(callbackUrl = "nowhere"),
            usual.copy(callbackSecrets = listOf("short")),
            usual.copy(caBundle = "/no/such/file"),
            usual.copy(baseUrl = halves.first()),
            usual.copy(maxReferenceCharacters = 15),
        )) {
            assertRefused(settings.baseUrl.orEmpty().take(20)) { sandbox.daraja(settings).close() }
        }
        for (most in listOf(0L, -5L, Long.MIN_VALUE)) {
            // A client that may ask for nothing asks for nothing.
            assertRefused("$most") { sandbox.daraja(usual.copy(maxAmount = most)).use { it.stkPush(sale()) } }
        }
    }

    @Test
    fun `in what is taken up or taken in`() = test {
        for (text in oddTexts + halves + listOf("[]", "{\"id\":1}")) {
            assertRefused(text.take(20)) { daraja.resume(text) }
            assertRefused(text.take(20)) { readPayment(text) }
            assertRefused(text.take(20)) { daraja.find(text) }
            assertFailsWith<LipiaException.Disbelieve>(text.take(20)) { parseCallback(text) }
            assertFailsWith<LipiaException>(text.take(20)) { daraja.receiveCallback(text, PAID.encodeToByteArray()) }
            assertFailsWith<LipiaException.Disbelieve>(text.take(20)) { daraja.parseCallback(text.encodeToByteArray()) }
        }
        assertFailsWith<LipiaException.Disbelieve> { parseCallback(ByteArray(0)) }
        assertFailsWith<LipiaException.Disbelieve> { parseCallback(ByteArray(10_000_000)) }
        assertFailsWith<LipiaException.Disbelieve> { parseCallback("[".repeat(1_000_000)) }
        val other = UpesiPay(CredentialsProvider { error("no") }, sandbox.settings, channelId = "1")
        assertFailsWith<LipiaException.CorrectInput> { other.resume(daraja.reserve(sale()).snapshot()) }
    }

    @Test
    fun `in payments that were closed`() = test {
        val event = daraja.parseCallback(PAID.encodeToByteArray())
        val payment = daraja.reserve(sale()).apply { close() }
        for (verb in listOf<suspend () -> Any>(
            { daraja.push(payment) },
            { daraja.collect(payment) },
            { daraja.wait(payment) },
            { daraja.watch(payment).toList() },
            { daraja.believe(payment, event) },
            { payment.begin() },
            { payment.notify(event) },
        )) {
            val error = assertRefused("a payment that was closed") { verb() }
            assertEquals("payment_closed" to "payment", error.code to error.field)
        }
    }

    @Test
    fun `in values`() = test {
        for (text in oddTexts + halves) {
            assertRefused(text.take(20)) { parsePhoneNumber(text) }
            assertRefused(text.take(20)) { parseAmount(text) }
            assertRefused(text.take(20)) { parseMoney(text) }
            assertRefused(text.take(20)) { parseCallbackUrl(text) }
        }
        assertRefused("no character at all") { parseAccountReference("INV-001", limit = -1) }
        assertRefused("too little") { parseAmount("1", maxAmount = Long.MIN_VALUE) }
        assertEquals("*", describe("no such code").code)
        assertFailsWith<LipiaException> { password("", "") }
    }
}
