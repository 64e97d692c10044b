package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.test
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** Nothing that is printed or logged shows a secret, a payer's number, a prompt's id or the token of a callback URL. */
class SecretsTest {
    private val sandbox = Sandbox.start()

    @AfterEach
    fun end() = sandbox.close()

    private val secrets = listOf(
        "sandbox-secret", "sandbox-key", "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
        "pp_live_sandbox", "sandbox-upesipay-token", "a password of UpesiPay", "sandbox-payhero-token", "a seal of callbacks", "a token of a server",
        "722111333", "722119012", "722119013",
    )

    private val paid = PAID.replace("254712345678", "254722111333").encodeToByteArray()

    private fun assertHidden(what: String, shown: String, more: List<String> = emptyList()) {
        val found = (secrets + more).filter { it in shown }
        assertEquals(emptyList(), found, "$what shows it: $shown")
    }

    @Test
    fun `by toString`() = test {
        val settings = sandbox.settings.copy(callbackSecrets = listOf("a seal of callbacks"))
        val provider = CredentialsProvider { Sandbox.darajaCredentials() }
        val daraja = sandbox.daraja(settings, provider)
        val push = sale("0722111333")
        val handle = daraja.reserve(push)
        val token = handle.snapshot().push.callbackUrl.substringAfterLast('/')
        val acceptance = daraja.push(handle)
        val progress = daraja.watch(handle).toList()
        val payment = handle.snapshot()
        val event = daraja.parseCallback(paid)
        val received = daraja.receiveCallback(payment.push.callbackUrl, paid)
        val busy = assertFailsWith<LipiaException> { daraja.stkPush(sale("0722119012")) }
        val refused = assertFailsWith<LipiaException> { daraja.stkPush(sale("07221113339012")) }
        val forged = assertFailsWith<LipiaException> { daraja.receiveCallback("${payment.push.callbackUrl}x", byteArrayOf(1)) }
        val shown = listOf(
            settings, provider, daraja, push, handle, acceptance, payment, payment.push, event, received, received.event,
            daraja.stkQuery(acceptance.id), busy, busy.details, refused, forged,
            Sandbox.darajaCredentials(), Credentials.palPluss("pp_live_sandbox"), Credentials.upesiPay("sandbox-upesipay-token"),
            Credentials.upesiPay("user", "a password of UpesiPay"), Credentials.payHero("sandbox-payhero-token"),
            Credentials.accessToken("a token of a server", "174379"),
            Expected(amount = "150", phoneNumber = "254722111333"), parsePhoneNumber("0722111333"),
            password("174379", "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"),
        ) + progress + payment.flags + GuardedProvider(provider)
        val hidden = listOf(acceptance.id, token)
        for (value in shown) assertHidden(value.javaClass.name, value.toString(), hidden)
        assertContains(payment.toString(), "outcome=success")
        assertEquals("Daraja(gateway=daraja)", daraja.toString())
        assertEquals("Credentials(gateway=daraja)", Sandbox.darajaCredentials().toString())
        daraja.close()
    }

    @Test
    fun `by the log`() = test {
        val lines = ConcurrentLinkedQueue<String>()
        setLogger(LogLevel.DEBUG) { level, line -> lines += "$level $line" }
        try {
            sandbox.daraja().use { daraja ->
                val payment = daraja.reserve(sale("0722111333"))
                val acceptance = daraja.push(payment)
                daraja.wait(payment)
                assertFailsWith<LipiaException> { daraja.receiveCallback(payment.snapshot().push.callbackUrl + "x", byteArrayOf(1)) }
                sandbox.inject("push", "answer_lost")
                assertFailsWith<LipiaException.FindOut> { daraja.stkPush(sale("0722119013")) }
                daraja.drain()
                val token = payment.snapshot().push.callbackUrl.substringAfterLast('/')
                assertTrue(lines.isNotEmpty(), "nothing was told at all")
                assertHidden("the log", lines.joinToString("\n"), listOf(acceptance.id, token))
            }
            // A log that fails takes nothing with it.
            setLogger(LogLevel.DEBUG) { _, _ -> throw StackOverflowError() }
            sandbox.daraja().use { assertTrue(it.collect(sale(phone(1))).isPaid) }
            setLogger(LogLevel.ERROR) { _, line -> lines += line }
            val before = lines.size
            sandbox.daraja().use { it.stkPush(sale(phone(2))) }
            assertEquals(before, lines.size, "what was not wanted was told")
        } finally {
            setLogger(logger = null)
        }
    }
}
