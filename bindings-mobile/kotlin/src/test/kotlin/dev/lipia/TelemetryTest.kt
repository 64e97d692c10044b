package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.test
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration

/** An observer is told of what a client does, and of nothing secret. */
class TelemetryTest {
    private val sandbox = Sandbox.start()
    private val spans = ConcurrentLinkedQueue<TelemetrySpan>()
    private val counts = ConcurrentLinkedQueue<TelemetryCount>()

    @AfterEach
    fun end() {
        setObserver(onSpan = null)
        sandbox.close()
    }

    private fun one(name: String) = spans.single { it.name == name }

    @Test
    fun `a push is a tree of spans and one more of each counter`() = test {
        setObserver({ counts += it }) { spans += it }
        sandbox.daraja().use { daraja ->
            val payment = daraja.reserve(sale("0722111333"))
            daraja.push(payment)
            assertFailsWith<LipiaException> { daraja.receiveCallback("/pay/strange", byteArrayOf(1)) }
            daraja.drain()
            val push = one("lipia.push")
            assertNull(push.parent)
            assertEquals("accepted", push.attributes["lipia.result"])
            assertEquals("2547***333", push.attributes["lipia.phone_number"])
            assertEquals(payment.id, push.attributes["lipia.payment.id"])
            assertTrue(push.duration > Duration.ZERO && !push.isError && !push.isClient)
            assertEquals(setOf("lipia.token", "POST"), spans.filter { it.parent == push.id }.map { it.name }.toSet())
            val sent = one("POST")
            assertTrue(sent.isClient && sent.startedAt >= push.startedAt)
            assertEquals("200", sent.attributes["http.response.status_code"])
            assertTrue(one("lipia.callback").isError)
            val counted = counts.map { "${it.counter} ${it.attributes["lipia.result"]}" }
            assertEquals(listOf("lipia.callbacks refused", "lipia.pushes accepted", "lipia.tokens fetched"), counted.sorted())
            val shown = (spans + counts).joinToString("\n")
            val hidden = listOf("722111333", "sandbox-key", "sandbox-secret", payment.snapshot().push.callbackUrl.substringAfterLast('/'))
            assertEquals(emptyList(), hidden.filter { it in shown }, shown)
        }
    }

    @Test
    fun `an observer that fails takes nothing with it, and one that is taken away hears nothing`() = test {
        setObserver({ throw StackOverflowError() }) { throw StackOverflowError() }
        sandbox.daraja().use { assertTrue(it.collect(sale(phone(1))).isPaid) }
        setObserver { spans += it }
        setObserver(onSpan = null)
        sandbox.daraja().use { it.stkPush(sale(phone(2))) }
        assertEquals(0, spans.size)
    }
}
