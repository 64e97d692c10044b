package dev.lipia

import kotlin.time.Duration

/**
 * The progress of a wait: see [Client.watch]. [Settled] and [TimedOut] are the last item.
 *
 * ```
 * daraja.watch(payment).collect { progress ->
 *     when (progress) {
 *         is Progress.Queried -> show("the customer is being asked (${progress.elapsed.inWholeSeconds} s)")
 *         is Progress.QueryFailed, is Progress.CallbackReceived -> Unit
 *         is Progress.Settled -> show(if (progress.payment.isPaid) "paid" else "not paid")
 *         is Progress.TimedOut -> show("nobody can say yet: ask again later")
 *     }
 * }
 * ```
 */
public sealed interface Progress {
    /**
     * The gateway was asked, and answered.
     *
     * @property elapsed the time since the wait began.
     * @property status the gateway's answer.
     */
    public data class Queried(val elapsed: Duration, val status: Status) : Progress

    /**
     * A query failed. The wait goes on.
     *
     * @property elapsed the time since the wait began.
     * @property error why the query failed.
     */
    public data class QueryFailed(val elapsed: Duration, val error: LipiaException) : Progress

    /**
     * A callback came that did not settle the payment.
     *
     * @property elapsed the time since the wait began.
     */
    public data class CallbackReceived(val elapsed: Duration) : Progress

    /**
     * The payment is settled. The last item.
     *
     * @property payment the payment with its outcome.
     */
    public data class Settled(val payment: Payment) : Progress

    /**
     * The time is up, and the payment may yet be paid. The last item. Wait again later; never push again.
     *
     * @property payment the payment, which is still open.
     */
    public data class TimedOut(val payment: Payment) : Progress
}

/** The progress in Kotlin's types, with an error that can be thrown. */
internal fun NativeProgress.shown(): Progress = when (this) {
    is NativeProgress.Queried -> Progress.Queried(elapsed, status)
    is NativeProgress.QueryFailed -> Progress.QueryFailed(elapsed, exceptionOf(error))
    is NativeProgress.CallbackReceived -> Progress.CallbackReceived(elapsed)
    is NativeProgress.Settled -> Progress.Settled(payment)
    is NativeProgress.TimedOut -> Progress.TimedOut(payment)
}
