package dev.lipia.till

import dev.lipia.Payment
import dev.lipia.PaymentState
import dev.lipia.parsePhoneNumber
import kotlin.time.Duration

/** One sale, as a screen shows it. Its reference is its order: one reference has one payment. */
data class Sale(
    val reference: String,
    /** Whole KES. */
    val amount: Long,
    /** Masked: a till is looked at by whoever is next in the queue. */
    val phone: String,
    val stage: Stage,
)

/** How far a sale has come. */
sealed interface Stage {
    /** Nothing more will happen to it here, or nobody knows yet what. */
    sealed interface Ended : Stage

    /** The prompt is on its way to the phone. */
    data object Prompting : Stage

    /** The customer is being asked, or may be; [news] is the latest of it. */
    data class Waiting(val elapsed: Duration, val news: News) : Stage

    /** The money was received. Daraja tells the [receipt] with the callback alone. */
    data class Paid(val receipt: String?) : Ended

    /** There was no money, for a reason that the customer may be told. */
    data class NotPaid(val english: String, val swahili: String) : Ended

    /** Nobody was prompted; [why] says what to do, and whether it [mayBeTriedAgain]. */
    data class NotPrompted(val why: String, val mayBeTriedAgain: Boolean) : Ended

    /** Nobody can say yet. It may be paid still: it is taken up again at the next start, and must not be sold again. */
    data object Open : Ended
}

/** What a wait brought last. */
sealed interface News {
    /** M-Pesa took the push. */
    data object Accepted : News

    /** The answer to the push was lost: a phone may have been prompted. */
    data class AnswerLost(val why: String) : News

    /** The till was closed in the middle of it, and looks again what became of it. */
    data object TakenUp : News

    /** M-Pesa was asked: the customer is at it. */
    data object StillAsking : News

    /** M-Pesa was asked, and did not tell. */
    data class NotTold(val why: String) : News

    /** Something came that settles nothing. */
    data object Something : News
}

/** Whether a customer may have been prompted, and nobody knows yet what came of that. */
val Payment.mayBePaid: Boolean
    get() = state == PaymentState.SENDING || state == PaymentState.UNKNOWN || state == PaymentState.ACCEPTED

internal fun Payment.at(stage: Stage): Sale = saleOf(order ?: push.accountReference, push.amount, push.phoneNumber, stage)

internal fun saleOf(reference: String, amount: Long, phoneNumber: String, stage: Stage): Sale =
    Sale(reference, amount, parsePhoneNumber(phoneNumber).masked, stage)

/** What to show of a payment of which no more is being heard. */
internal fun Payment.ended(): Stage.Ended = when {
    isPaid -> Stage.Paid(receipt)
    state == PaymentState.SETTLED -> describe().let { Stage.NotPaid(it.customerMessageEn, it.customerMessageSw) }
    state == PaymentState.RESERVED -> lastError.let {
        Stage.NotPrompted(it?.toString() ?: "The prompt was not sent.", it?.retryable ?: true)
    }
    else -> Stage.Open
}

/** What to show first of a payment that was requested. */
internal fun Payment.news(): News {
    val error = lastError
    return when {
        isExisting -> News.TakenUp
        error != null -> News.AnswerLost(error.toString())
        else -> News.Accepted
    }
}
