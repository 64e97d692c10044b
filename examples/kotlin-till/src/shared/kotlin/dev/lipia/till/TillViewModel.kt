package dev.lipia.till

import dev.lipia.Client
import dev.lipia.LipiaException
import dev.lipia.Payment
import dev.lipia.PaymentHandle
import dev.lipia.Progress
import dev.lipia.StkPush
import dev.lipia.WaitOptions
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.seconds

/**
 * A till: sells, and shows what becomes of each sale. It knows no screen; the terminal and Android show the same one.
 *
 * Whatever is cancelled or killed in the middle is in [payments], and [takeUp] goes on with it.
 *
 * @param client made with [payments] as its store.
 * @param wait how M-Pesa is asked.
 * @param letterbox where callbacks are looked for, every [lookEvery].
 */
class TillViewModel(
    private val client: Client,
    private val payments: PaymentFiles,
    private val wait: WaitOptions? = null,
    private val letterbox: Letterbox = ServersLetterbox,
    private val lookEvery: Duration = 3.seconds,
) {
    private val shown = MutableStateFlow<List<Sale>>(emptyList())

    /** The payments that somebody here looks after. */
    private val inHand: MutableSet<String> = ConcurrentHashMap.newKeySet()

    /** The sales, the newest last. */
    val sales: StateFlow<List<Sale>> = shown.asStateFlow()

    /**
     * Prompts the customer for a sale and follows it to its end. A sale that was prompted for already, by this reference, is
     * followed instead: a finger that hits a button twice, or a till that is started again, charges nobody twice.
     *
     * @throws LipiaException.CorrectInput naming the field that is not valid. Nothing was sent.
     */
    suspend fun sell(phoneNumber: String, amount: String, reference: String): Stage.Ended {
        val payment = client.reserve(StkPush(phoneNumber, amount, reference))
        // Before its file is there for `takeUp` to find.
        inHand += payment.id()
        try {
            payments.claim(payment)?.let { known -> return follow(handleOf(known), News.TakenUp) }
            show(payment.snapshot(), Stage.Prompting)
            val error = try {
                client.push(payment)
                null
            } catch (error: LipiaException) {
                error
            }
            // What the error means for the money is in the payment.
            val known = payment.snapshot()
            return if (known.mayBePaid) follow(payment, newsOf(error)) else end(known)
        } finally {
            inHand -= payment.id()
        }
    }

    /** Goes on with what was open when the till was closed, or when its wait was over. Prompts nobody. */
    suspend fun takeUp(): Unit = coroutineScope {
        for (saved in payments.all().filter { it.mayBePaid && inHand.add(it.id) }) {
            launch {
                try {
                    follow(handleOf(saved), News.TakenUp)
                } finally {
                    inHand -= saved.id
                }
            }
        }
    }

    /** The same live payment for everybody who asks for it. */
    private fun handleOf(saved: Payment): PaymentHandle = client.find(saved.id) ?: client.resume(saved)

    private suspend fun follow(payment: PaymentHandle, news: News): Stage.Ended = coroutineScope {
        if (payment.snapshot().mayBePaid) {
            show(payment.snapshot(), Stage.Waiting(ZERO, news))
            val looking = launch {
                while (true) {
                    delay(lookEvery)
                    look(payment)
                }
            }
            try {
                client.watch(payment, wait).collect { progress -> progress.news()?.let { show(payment.snapshot(), it) } }
            } finally {
                looking.cancel()
            }
        }
        // The callback may come after the answer to a question, and only it has the receipt.
        if (payment.snapshot().receipt == null) look(payment)
        end(payment.snapshot())
    }

    /** Takes in what came to the payment's own URL; what does not fit the payment is kept with it, and not believed. */
    private suspend fun look(payment: PaymentHandle) {
        val body = letterbox.look(payment.snapshot().push.callbackUrl) ?: return
        try {
            client.believe(payment, client.parseCallback(body))
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

    private fun show(payment: Payment, stage: Stage) {
        val sale = payment.at(stage)
        shown.update { sales ->
            if (sales.any { it.paymentId == sale.paymentId }) {
                sales.map { if (it.paymentId == sale.paymentId) sale else it }
            } else {
                sales + sale
            }
        }
    }
}
