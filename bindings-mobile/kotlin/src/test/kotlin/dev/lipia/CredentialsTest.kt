package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.eventually
import dev.lipia.support.test
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Credentials come when they are needed, from code of the app's that may suspend and fail. */
class CredentialsTest {
    private val sandbox = Sandbox.start()
    private val asked = AtomicInteger()

    @AfterEach
    fun end() = sandbox.close()

    private fun providing(credentials: suspend (time: Int) -> Credentials) =
        sandbox.daraja(credentials = CredentialsProvider { credentials(asked.incrementAndGet()) })

    @Test
    fun `many calls ask once, and nobody is asked before`() = test {
        val unlocked = CompletableDeferred<Unit>()
        providing { unlocked.await(); Sandbox.darajaCredentials() }.use { daraja ->
            daraja.reserve(sale())
            assertEquals(0, asked.get(), "making a client asked for credentials")
            val pushes = (0 until 20).map { async(Dispatchers.Default) { daraja.stkPush(sale(phone(it))) } }
            eventually("it is asked") { asked.get() > 0 }
            assertEquals(0, sandbox.counted("push_attempts"))
            unlocked.complete(Unit)
            pushes.awaitAll()
            daraja.stkQuery(pushes.first().await().id)
            assertEquals(1, asked.get())
        }
    }

    @Test
    fun `a cleartext host is sent the sandbox's public credentials alone`() = test {
        val settings = sandbox.settings.copy(baseUrl = "http://10.0.2.2:8600", cleartextHosts = listOf("10.0.2.2"))
        val own = CredentialsProvider { Credentials.daraja("of-the-shop", "sandbox-secret", "174379", "of-the-shop") }
        sandbox.daraja(settings, own).use { daraja ->
            val error = assertFailsWith<LipiaException.CorrectSettings> { daraja.stkPush(sale()) }
            assertEquals("cleartext_keys" to "consumerKey", error.code to error.field)
            assertTrue(error.hint.orEmpty().contains("`cleartextHosts`"), error.hint)
        }
        // Whatever is listed, this machine takes any credentials.
        sandbox.daraja(sandbox.settings.copy(cleartextHosts = listOf("10.0.2.2")), own).use { daraja ->
            assertFailsWith<LipiaException.CorrectSettings> { daraja.stkPush(sale()) }.let { assertEquals(1, sandbox.counted("oauth_calls")) }
        }
    }

    @Test
    fun `what was forgotten is asked for again`() = test {
        providing { Sandbox.darajaCredentials() }.use { daraja ->
            daraja.stkPush(sale(phone(1)))
            daraja.forgetCredentials()
            daraja.stkPush(sale(phone(2)))
            assertEquals(2L to 2, sandbox.counted("oauth_calls") to asked.get())
        }
    }

    @Test
    fun `what was closed forgets them, and what is under way asks again`() = test {
        sandbox.script("254712349001", "manual")
        providing { Sandbox.darajaCredentials() }.use { daraja ->
            val payment = daraja.reserve(sale("254712349001"))
            daraja.push(payment)
            val wait = async(Dispatchers.Default) { daraja.wait(payment, WaitOptions(timeout = 50.seconds)) }
            eventually("it asks") { sandbox.counted("queries") > 0 }
            assertEquals(1, asked.get())
            daraja.close()
            eventually("it asks with new credentials") { asked.get() == 2 && sandbox.counted("oauth_calls") == 2L }
            sandbox.act(payment.snapshot().checkoutRequestId!!, "pay")
            assertTrue(wait.await().isPaid)
        }
    }

    @Test
    fun `a provider that fails keeps the push from being sent, and may recover`() = test {
        val failures = listOf<suspend () -> Credentials>(
            { throw IllegalStateException("the screen is locked") },
            // What is not an exception must not be waited for.
            { throw NotImplementedError("not yet") },
            { throw StackOverflowError() },
            { throw IllegalArgumentException("no fingerprint") },
            { withTimeout(1.milliseconds) { awaitCancellation() } },
        )
        providing { time -> failures.getOrNull(time - 1)?.invoke() ?: Sandbox.darajaCredentials() }.use { daraja ->
            for (time in 1..failures.size) {
                val error = assertFailsWith<LipiaException> { daraja.stkPush(sale()) }
                assertEquals("keys_not_provided" to Disposition.NOT_SENT, error.code to error.disposition, "$time: $error")
            }
            assertEquals(failures.size, asked.get())
            assertEquals(0, sandbox.requests().size)
            assertTrue(daraja.stkPush(sale()).id.isNotEmpty())
        }
    }

    @Test
    fun `keys that cannot be right are told as they are`() = test {
        providing { Credentials.daraja("", "", "", "") }.use { daraja ->
            val own = assertFailsWith<LipiaException> { Credentials.daraja("", "", "", "") }
            val error = assertFailsWith<LipiaException.CorrectSettings> { daraja.stkPush(sale()) }
            assertEquals(listOf(own.code, own.field, own.message), listOf(error.code, error.field, error.message))
            assertEquals(Disposition.NOT_SENT, error.disposition)
            assertEquals(0, sandbox.requests().size)
        }
    }

    @Test
    fun `what a provider says of another payment is a cause`() = test {
        sandbox.inject("push", "answer_lost", "times" to "forever")
        sandbox.daraja().use { other ->
            providing { other.stkPush(sale()); Sandbox.darajaCredentials() }.use { daraja ->
                val error = assertFailsWith<LipiaException> { daraja.stkPush(sale(phone(1))) }
                assertEquals("keys_not_provided" to Disposition.NOT_SENT, error.code to error.disposition)
            }
        }
        assertEquals(1, sandbox.counted("push_attempts"))
    }

    @Test
    fun `a provider that never answers is left when the call's time is up`() = test {
        val left = CompletableDeferred<Unit>()
        val never = providing {
            try {
                awaitCancellation()
            } finally {
                left.complete(Unit)
            }
        }
        never.use { daraja ->
            val error = assertFailsWith<LipiaException> { daraja.stkPush(sale(), timeout = 200.milliseconds) }
            assertEquals(Disposition.NOT_SENT, error.disposition)
            left.await()
            assertEquals(0, sandbox.requests().size)
        }
    }

    @Test
    fun `credentials that are refused are not used again`() = test {
        val keys = providing { time -> Sandbox.darajaCredentials(consumerSecret = if (time == 1) "wrong" else null) }
        keys.use { daraja ->
            val error = assertFailsWith<LipiaException.CorrectSettings> { daraja.stkPush(sale()) }
            assertEquals(ErrorKind.AUTHENTICATION, error.kind)
            assertTrue(daraja.stkPush(sale()).id.isNotEmpty())
            assertEquals(2, asked.get())
        }
    }

    @Test
    fun `credentials that cannot be right say which`() {
        val error = assertFailsWith<LipiaException> { Credentials.daraja("key", "secret", "not a number", "pass") }
        assertEquals("shortCode", error.field)
    }

    @Test
    fun `credentials that were closed are a clear failure`() = test {
        providing { Sandbox.darajaCredentials().apply { close() } }.use { daraja ->
            assertEquals("keys_not_provided", assertFailsWith<LipiaException> { daraja.stkPush(sale()) }.code)
        }
    }
}
