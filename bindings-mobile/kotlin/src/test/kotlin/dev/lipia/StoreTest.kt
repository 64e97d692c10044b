package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.test
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** A payment is saved before its push leaves, or the push does not leave. */
class StoreTest {
    private val sandbox = Sandbox.start()
    private val saved = ConcurrentLinkedQueue<Payment>()

    @AfterEach
    fun end() = sandbox.close()

    @Test
    fun `a payment is saved before it is sent and after what is learnt`() = test {
        val prompts = ConcurrentLinkedQueue<Long>()
        val store = PaymentStore { payment ->
            prompts += sandbox.counted("prompts")
            saved += payment
        }
        sandbox.daraja(store = store).use { daraja ->
            val payment = daraja.collect(sale())
            assertEquals(PaymentState.SENDING to 0L, saved.first().state to prompts.first())
            assertEquals(PaymentState.SETTLED to true, saved.last().state to saved.last().isPaid)
            assertEquals(setOf(payment.id), saved.map { it.id }.toSet())
            assertEquals(saved.map { it.revision }.sorted(), saved.map { it.revision })
            assertEquals(saved.last(), readPayment(saved.last().toJson()))
        }
    }

    @Test
    fun `a store that fails keeps the push from being sent`() = test {
        val failures = listOf<() -> Unit>(
            { throw IOException("the disk is full") },
            // What is not an exception must not be waited for.
            { throw StackOverflowError() },
            { throw IllegalArgumentException("no") },
        )
        for (failure in failures) {
            sandbox.daraja(store = PaymentStore { failure() }).use { daraja ->
                val error = assertFailsWith<LipiaException> { daraja.stkPush(sale()) }
                assertEquals(ErrorKind.STORAGE to Disposition.NOT_SENT, error.kind to error.disposition)
                assertFailsWith<LipiaException> { daraja.collect(sale()) }
            }
        }
        assertEquals(0L to 0L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }

    @Test
    fun `who saves by hand announces the push`() = test {
        sandbox.daraja().use { daraja ->
            val payment = daraja.reserve(sale())
            payment.begin()
            val killed = daraja.resume(payment.toJson())
            assertEquals(PaymentState.SENDING, readPayment(payment.toJson()).state)
            daraja.push(payment)
            assertFailsWith<LipiaException.LookAtPayment> { payment.begin() }
            assertTrue(daraja.wait(payment).isPaid)
            sandbox.daraja().use { other ->
                val after = other.resume(readPayment(payment.toJson()))
                assertEquals(payment.id, after.id)
                assertTrue(after.snapshot().isPaid)
            }
            assertEquals(payment.id, killed.id)
        }
    }
}
