package dev.lipia.till

import dev.lipia.Client
import dev.lipia.Disposition
import dev.lipia.LipiaException
import dev.lipia.Payment
import dev.lipia.PaymentSearch
import dev.lipia.Progress
import dev.lipia.StkPush
import dev.lipia.WaitOptions
import dev.lipia.parseAmount
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.seconds

/**
 * A till: sells, and shows what becomes of each sale. It knows no screen; the terminal and Android show the same one.
 *
 * Whatever is tapped twice, cancelled or killed in the middle, one sale has one payment: the client's ledger sees to that.
 *
 * @param client made with a ledger.
 * @param wait how M-Pesa is asked.
 * @param letterbox where callbacks are looked for, every [lookEvery].
 */
class TillViewModel(
    private val client: Client,
    private val wait: WaitOptions? = null,
    private val letterbox: Letterbox = ServersLetterbox,
    private val lookEvery: Duration = 3.seconds,
) {
    private val shown = MutableStateFlow<List<Sale>>(emptyList())

    /** The sales that somebody here looks after, by their references. */
    private val inHand: MutableSet<String> = ConcurrentHashMap.newKeySet()

    /** The sales, the newest last. */
    val sales: StateFlow<List<Sale>> = shown.asStateFlow()

    /**
     * Prompts the customer for a sale and follows it to its end. A sale that was prompted for already, by this reference, is
     * followed instead: a finger that hits a button twice, or a till that is started again, charges nobody twice.
     *
     * @throws LipiaException.CorrectInput naming the field that is not valid. Nothing was sent.
     * @throws LipiaException.LookAtPayment the reference is that of a sale with another amount or phone. Nothing was sent.
     */
    suspend fun sell(phoneNumber: String, amount: String, reference: String): Stage.Ended {
        inHand += reference
        try {
            val payment = client.request(StkPush(phoneNumber, amount, reference), order = reference)
            return if (payment.mayBePaid) follow(payment, payment.news()) else end(payment)
        } catch (error: LipiaException.CorrectInput) {
            throw error
        } catch (error: LipiaException.LookAtPayment) {
            throw error
        } catch (error: LipiaException) {
            val stage = when (error.disposition) {
                Disposition.UNKNOWN -> Stage.Open
                else -> Stage.NotPrompted(error.message, error.retryable)
            }
            show(saleOf(reference, parseAmount(amount), phoneNumber, stage))
            return stage
        } finally {
            inHand -= reference
        }
    }

    /** Goes on with what was open when the till was closed, or when its wait was over. Prompts nobody. */
    suspend fun takeUp(): Unit = coroutineScope {
        val open = client.payments.all(PaymentSearch(onlyOpen = true)).toList()
        for (payment in open.asReversed()) {
            val reference = payment.at(Stage.Open).reference
            if (!inHand.add(reference)) continue
            launch {
                try {
                    follow(payment, News.TakenUp)
                } finally {
                    inHand -= reference
                }
            }
        }
    }

    /**
     * Takes what becomes of each sale, for as long as the app lives: also of one that nobody follows any more, or that was told
     * when the till was killed. A till that keeps books would write into them here, before it acknowledges. A ledger that cannot
     * write the acknowledgement down, such as on a full disk, tells the payment again: the till goes on listening.
     */
    suspend fun listen(): Unit = client.outcomes.collect { outcome ->
        end(outcome.payment)
        try {
            outcome.done()
        } catch (error: LipiaException) {
            System.err.println("The outcome is told again: ${error.message}")
        }
    }

    private suspend fun follow(payment: Payment, news: News): Stage.Ended = coroutineScope {
        show(payment, Stage.Waiting(ZERO, news))
        val looking = launch {
            while (true) {
                delay(lookEvery)
                look(payment)
            }
        }
        try {
            client.watch(payment, wait).collect { progress -> progress.news()?.let { show(payment, it) } }
        } finally {
            looking.cancel()
        }
        // The callback may come after the answer to a question, and only it has the receipt.
        if (client.payments.get(payment.id).receipt == null) look(payment)
        end(client.payments.get(payment.id))
    }

    /** Takes in what came to the payment's own URL; what does not fit the payment is kept with it, and not believed. */
    private suspend fun look(payment: Payment) {
        val body = letterbox.look(payment.push.callbackUrl) ?: return
        try {
            client.receiveCallback(payment.push.callbackUrl, body)
        } catch (_: LipiaException.Disbelieve) {
            return
        }
    }

    private fun Progress.news(): Stage? = when (this) {
        is Progress.Queried -> Stage.Waiting(elapsed, News.StillAsking)
        is Progress.QueryFailed -> Stage.Waiting(elapsed, News.NotTold(error.message))
        is Progress.CallbackReceived -> Stage.Waiting(elapsed, News.Something)
        is Progress.Settled, is Progress.TimedOut -> null
    }

    private fun end(payment: Payment): Stage.Ended = payment.ended().also { show(payment, it) }

    private fun show(payment: Payment, stage: Stage): Unit = show(payment.at(stage))

    private fun show(sale: Sale) {
        shown.update { sales ->
            if (sales.any { it.reference == sale.reference }) {
                sales.map { if (it.reference == sale.reference) sale else it }
            } else {
                sales + sale
            }
        }
    }
}
