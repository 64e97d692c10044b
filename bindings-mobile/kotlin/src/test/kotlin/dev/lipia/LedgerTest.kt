package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.eventually
import dev.lipia.support.test
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** One order has one payment, and what becomes of it is told until that is acknowledged. */
class LedgerTest {
    @TempDir
    lateinit var folder: Path
    private val sandbox = Sandbox.start()
    private val ledger get() = Ledger.file(folder.resolve("payments.db"))

    @AfterEach
    fun end() = sandbox.close()

    private fun open() = sandbox.daraja(ledger = ledger)

    private fun prompts() = sandbox.counted("push_attempts") to sandbox.counted("prompts")

    private suspend fun Daraja.owed() = payments.search(PaymentSearch(onlyOwed = true)).payments

    @Test
    fun `two taps are one prompt, on one thread and on many, in one client and in two`() = test {
        sandbox.script("254712345678", "manual")
        open().use { daraja ->
            open().use { other ->
                val onOneThread = (0 until 2).map { async { daraja.request(sale(), order = "table-9") } }.awaitAll()
                val onMany = (0 until 30).map { number ->
                    async(Dispatchers.IO) { (if (number % 2 == 0) daraja else other).request(sale(), order = "table-9") }
                }.awaitAll()
                val payments = onOneThread + onMany
                assertEquals(1, payments.map { it.id }.toSet().size)
                assertEquals(1, payments.count { !it.isExisting }, "one of the taps has prompted")
                assertEquals(setOf<String?>("table-9"), payments.map { it.order }.toSet())
                assertEquals(1L to 1L, prompts())
                // The tap on a sale in flight has its payment, and can show it.
                sandbox.act(payments.last().checkoutRequestId!!, "pay")
                val settled = assertIs<Progress.Settled>(other.watch(onMany.last()).toList().last())
                val waited = daraja.wait(payments.first())
                assertTrue(waited.isPaid)
                assertEquals(setOf<String?>("table-9"), setOf(settled.payment.order, waited.order))
                val late = daraja.collect(sale(), order = "table-9")
                assertTrue(late.isPaid && late.orderIsPaid && late.id == payments.first().id)
            }
        }
        assertEquals(1L to 1L, prompts())
    }

    @Test
    fun `threads that tap at the same moment are one prompt`() = test {
        sandbox.script("254712345678", "manual")
        open().use { daraja ->
            val threads = Executors.newFixedThreadPool(8)
            try {
                val taps = List(8) { threads.submit<String> { kotlinx.coroutines.runBlocking { daraja.request(sale(), "table-9").id } } }
                assertEquals(1, taps.map { it.get(30, TimeUnit.SECONDS) }.toSet().size)
            } finally {
                threads.shutdownNow()
            }
            assertEquals(1L to 1L, prompts())
        }
    }

    @Test
    fun `an order is asked for in one way, and the refusal names its payment`() = test {
        sandbox.script("254712345678", "manual")
        open().use { daraja ->
            val open = daraja.request(sale(), order = "table-9")
            val asked = assertFailsWith<LipiaException.LookAtPayment> { daraja.request(StkPush("0712345678", 151, "INV-001"), order = "table-9") }
            assertEquals(listOf("order_asked_differently", open.id, open.id), listOf(asked.code, asked.paymentId, asked.payment?.id))
            sandbox.act(open.checkoutRequestId!!, "pay")
            assertTrue(daraja.wait(open).isPaid)
        }
        open().use { daraja ->
            val paid = assertFailsWith<LipiaException.LookAtPayment> { daraja.collect(StkPush("0712345678", 151, "INV-001"), order = "table-9") }
            assertEquals("order_paid_differently", paid.code)
            assertTrue(daraja.payments.get(paid.paymentId!!).isPaid, "the payment is found by the error")
            assertTrue(daraja.request(sale(), order = "table-9").isExisting, "a paid order stays paid")
            for (order in listOf("", "x".repeat(129))) {
                assertEquals("order_unreadable", assertFailsWith<LipiaException.CorrectInput> { daraja.request(sale(), order) }.code)
            }
        }
        assertEquals(1L to 1L, prompts())
    }

    @Test
    fun `an outcome is told until it is acknowledged, by whoever opens the ledger`() = test {
        open().use { daraja ->
            val payment = daraja.collect(sale(), order = "table-9")
            val lost = assertFailsWith<IllegalStateException> {
                daraja.outcomes.collect { outcome ->
                    assertEquals(Triple(payment.id, 1, true), Triple(outcome.payment.id, outcome.attempt, outcome.payment.orderIsPaid))
                    error("the screen is gone")
                }
            }
            assertContains(lost.message.orEmpty(), "the screen")
            eventually("the ledger knows why") { daraja.payments.story(payment.id).trouble.orEmpty().contains("the screen is gone") }
            assertEquals(listOf(payment.id), daraja.owed().map { it.id })
        }
        open().use { daraja ->
            val outcome = daraja.outcomes.first()
            assertTrue(outcome.attempt > 1 && outcome.payment.order == "table-9")
            assertTrue(outcome.done())
            assertEquals(emptyList(), daraja.owed(), "it was not written down when done() returned")
            outcome.failed("too late")
            assertTrue(outcome.done(), "what is done stays done")
            assertEquals(emptyList(), daraja.owed())
            daraja.payments.retell(outcome.payment.id)
            val back = daraja.outcomes.first()
            back.failed("not now")
            assertFalse(back.done(), "what was handed back is told again")
        }
        assertEquals(1L to 1L, prompts())
    }

    @Test
    fun `each telling goes to one collector, and a closed client ends them all`() = test {
        open().use { daraja ->
            val told = ConcurrentLinkedQueue<String>()
            val collectors = List(3) {
                launch(Dispatchers.Default) {
                    daraja.outcomes.collect { outcome ->
                        told += outcome.payment.id
                        outcome.done()
                    }
                }
            }
            val payments = (0 until 6).map { async { daraja.collect(sale(phone(it)), order = "order-$it") } }.awaitAll()
            eventually("all are told") { told.size >= payments.size && daraja.owed().isEmpty() }
            assertEquals(payments.map { it.id }.sorted(), told.sorted(), "something was told twice, or to two")
            daraja.close()
            collectors.forEach { it.join() }
        }
    }

    @Test
    fun `whoever stops collecting leaves what is owed to the next`() = test {
        open().use { daraja ->
            val collector = launch(Dispatchers.Default) { daraja.outcomes.collect { it.done() } }
            val first = daraja.collect(sale(phone(1)), order = "first")
            eventually("the first is told") { daraja.owed().isEmpty() && daraja.payments.story(first.id).attempts > 0 }
            collector.cancel()
            collector.join()
            val second = daraja.collect(sale(phone(2)), order = "second")
            assertEquals(listOf(second.id to 0), daraja.owed().map { it.id to daraja.payments.story(it.id).attempts })
            val outcome = daraja.outcomes.first()
            assertEquals(second.id, outcome.payment.id)
            assertTrue(outcome.done())
        }
    }

    @Test
    fun `a person who has seen the statement settles what nobody can say`() = test {
        sandbox.inject("push", "answer_lost", "times" to "forever")
        open().use { daraja ->
            val one = daraja.request(sale(phone(1)), order = "one")
            val two = daraja.request(sale(phone(2)), order = "two")
            assertEquals(listOf(PaymentState.UNKNOWN, PaymentState.UNKNOWN), listOf(one, two).map { it.state })
            assertTrue(daraja.request(sale(phone(1)), order = "one").isExisting, "what may be paid is never sold again")
            val paid = daraja.payments.resolve(one.id.take(8), Resolution.Paid("uab1cd2ef3"))
            assertEquals(Triple(Outcome.SUCCESS, "UAB1CD2EF3", "one"), Triple(paid.outcome, paid.receipt, paid.order))
            val taken = assertFailsWith<LipiaException.CorrectInput> { daraja.payments.resolve(two.id, Resolution.Paid("UAB1CD2EF3")) }
            assertEquals("receipt_taken" to one.id, taken.code to taken.paymentId)
            assertEquals("receipt_unreadable", assertFailsWith<LipiaException> { daraja.payments.resolve(two.id, Resolution.Paid("?")) }.code)
            val unpaid = daraja.payments.resolve(two.id, Resolution.NotPaid)
            assertTrue(unpaid.state == PaymentState.SETTLED && !unpaid.isPaid)
            val settled = assertFailsWith<LipiaException.LookAtPayment> { daraja.payments.resolve(one.id, Resolution.NotPaid) }
            assertEquals("payment_not_open" to one.id, settled.code to settled.paymentId)
            sandbox.clearFaults()
            assertEquals(two.id, daraja.request(sale(phone(2)), order = "two").id, "its customer's prompt may still be open")
            assertNotNull(unpaid.orderFreeAt)
            daraja.payments.release("two")
            assertNotEquals(two.id, daraja.request(sale(phone(3)), order = "two").id, "an order that was given up is free")
            val told = daraja.outcomes.first()
            assertEquals(one.id, told.payment.id, "what a person decides is told")
            assertTrue(told.done())
        }
        assertEquals(3L to 3L, prompts())
    }

    @Test
    fun `the ledger is looked into, page by page`() = test {
        open().use { daraja ->
            val made = (0 until 5).map { daraja.request(sale(phone(it)), order = "order-$it").id }
            val first = daraja.payments.search(limit = 2)
            assertEquals(made.takeLast(2).reversed(), first.payments.map { it.id })
            assertEquals(made[2], daraja.payments.search(page = first.next, limit = 1).payments.single().id)
            assertEquals(made.reversed(), daraja.payments.all().toList().map { it.id })
            assertEquals(listOf(made[3]), daraja.payments.search(PaymentSearch(phoneNumber = "0${phone(3).drop(3)}")).payments.map { it.id })
            assertEquals(listOf(made[4]), daraja.payments.ofOrder("order-4").map { it.id })
            assertEquals(emptyList(), daraja.payments.ofOrder("no such order"))
            assertEquals(0, daraja.payments.search(PaymentSearch(receipt = "NONE")).payments.size)
            for (id in listOf("", "1234", "0".repeat(32), "not an id")) {
                assertEquals("payment_not_in_ledger", assertFailsWith<LipiaException.CorrectInput>(id) { daraja.payments.get(id) }.code)
            }
            val report = daraja.payments.report()
            assertEquals(5L to folder.toRealPath().resolve("payments.db"), report.payments to Path.of(report.place).toRealPath())
        }
    }

    @Test
    fun `a payment is asked about, told again, released and pruned`() = test {
        sandbox.script("254700010005", "manual")
        open().use { daraja ->
            val payment = daraja.request(sale(phone(1)), order = "one")
            assertEquals(Outcome.PENDING, daraja.payments.ask(payment.id).outcome)
            assertEquals("nothing_to_tell", assertFailsWith<LipiaException> { daraja.payments.retell(payment.id) }.code)
            assertEquals(payment.id, daraja.payments.release("one").id)
            assertEquals("order_not_held", assertFailsWith<LipiaException> { daraja.payments.release("one") }.code)
            sandbox.act(payment.checkoutRequestId!!, "pay")
            eventually("asking finds out") { daraja.payments.ask(payment.id).isPaid }
            assertTrue(daraja.payments.story(payment.id).run { asks > 0 && isOwed && account == "daraja:174379" })
            daraja.outcomes.first().done()
            val again = daraja.payments.retell(payment.id)
            assertEquals(listOf(again.id), daraja.owed().map { it.id })
            daraja.outcomes.first().done()
            assertEquals(Pruned(0, 0), daraja.payments.prune(30.days))
            assertEquals(Pruned(1, 0), daraja.payments.prune(Duration.ZERO, dryRun = true))
            assertEquals(Pruned(1, 0), daraja.payments.prune(Duration.ZERO))
            val pruned = daraja.payments.get(payment.id)
            assertTrue(pruned.isPaid && payment.push.phoneNumber !in pruned.toJson())
        }
    }

    @Test
    fun `a payment that the app kept itself is taken into the ledger`() = test {
        sandbox.script("254712345678", "manual")
        val saved = sandbox.daraja().use { before -> before.reserve(sale()).also { before.push(it) }.toJson() }
        open().use { daraja ->
            val imported = daraja.payments.import(saved, order = "table-9")
            assertEquals(Triple("new", false, "table-9"), Triple(imported.change, imported.orderIsHeld, imported.payment.order))
            assertEquals("known", daraja.payments.import(saved, order = "table-9").change)
            assertEquals(imported.payment.id, daraja.request(sale(), order = "table-9").id)
        }
        assertEquals(1L to 1L, prompts())
    }

    @Test
    fun `without a file orders are known to the client, and without an order each call prompts`() = test {
        sandbox.daraja().use { daraja ->
            val payment = daraja.request(sale(), order = "table-9")
            assertEquals(payment.id, daraja.request(sale(), order = "table-9").id)
            assertNull(daraja.request(sale(phone(1))).order)
        }
        assertEquals(2L to 2L, prompts())
    }

    @Test
    fun `shops in one file do not see each other`() = test {
        sandbox.daraja(sandbox.settings.copy(shop = "left"), ledger = ledger).use { left ->
            sandbox.daraja(sandbox.settings.copy(shop = "right"), ledger = ledger).use { right ->
                assertNotEquals(left.request(sale(phone(1)), "table-9").id, right.request(sale(phone(2)), "table-9").id)
                assertEquals(listOf(1, 1), listOf(left, right).map { it.payments.search().payments.size })
            }
        }
    }

    @Test
    fun `a client that was closed says so, and an odd time is named`() = test {
        val daraja = open()
        for (time in listOf((-1).seconds, Duration.INFINITE, Duration.ZERO, 0.1.milliseconds * -1)) {
            val error = assertFailsWith<LipiaException>("$time") { daraja.request(sale(), "table-9", timeout = time) }
            assertEquals("timeout" to Disposition.NOT_SENT, error.field to error.disposition)
            assertFailsWith<LipiaException>("$time") { daraja.payments.ask("0".repeat(32), time) }
        }
        assertFailsWith<LipiaException> { daraja.collect(sale(), "table-9", WaitOptions(timeout = (-1).seconds)) }
        daraja.close()
        for (verb in listOf<suspend () -> Any>(
            { daraja.request(sale(), "table-9") },
            { daraja.collect(sale(), "table-9") },
            { daraja.outcomes.toList() },
            { daraja.payments.search() },
            { daraja.payments.get("0".repeat(32)) },
            { daraja.payments.resolve("0".repeat(32), Resolution.NotPaid) },
            { daraja.payments.reconcile() },
        )) {
            assertEquals("client_closed", assertFailsWith<LipiaException.CorrectSettings> { verb() }.code)
        }
        assertEquals(0L to 0L, prompts())
    }

    @Test
    fun `an error of Lipia's own that the provider meets comes out as it is`() = test {
        val wrong = CredentialsProvider { Credentials.daraja("", "secret", "174379", "pass key") }
        sandbox.daraja(credentials = wrong, ledger = ledger).use { daraja ->
            val own = assertFailsWith<LipiaException> { Credentials.daraja("", "secret", "174379", "pass key") }
            for (verb in listOf<suspend () -> Any>({ daraja.request(sale(), "table-9") }, { daraja.stkPush(sale()) })) {
                val error = assertFailsWith<LipiaException> { verb() }
                assertEquals(listOf(own.code, own.field, own.remedy), listOf(error.code, error.field, error.remedy))
            }
            assertEquals(emptyList(), daraja.payments.ofOrder("table-9"))
        }
        assertEquals(0L to 0L, prompts())
    }
}
