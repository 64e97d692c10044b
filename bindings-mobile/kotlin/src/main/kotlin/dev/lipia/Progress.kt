package dev.lipia

import kotlin.time.Duration

/**
 * A piece of news of a wait: see [Client.watch]. [Settled] and [TimedOut] are the last.
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
    /** The gateway was asked, and answered [status], [elapsed] after the wait began. */
    public data class Queried(val elapsed: Duration, val status: Status) : Progress

    /** The gateway was asked, and did not tell: [error] says why. The wait goes on. */
    public data class QueryFailed(val elapsed: Duration, val error: LipiaException) : Progress

    /** Something about the payment was handed in, and it is not settled yet. */
    public data class CallbackReceived(val elapsed: Duration) : Progress

    /** The outcome is known: the last news. */
    public data class Settled(val payment: Payment) : Progress

    /** The time is up, and the outcome is not known: the last news. It may yet be paid: wait again, and never push again. */
    public data class TimedOut(val payment: Payment) : Progress
}

/** The same, with an error that can be thrown. */
internal fun NativeProgress.shown(): Progress = when (this) {
    is NativeProgress.Queried -> Progress.Queried(elapsed, status)
    is NativeProgress.QueryFailed -> Progress.QueryFailed(elapsed, exceptionOf(error))
    is NativeProgress.CallbackReceived -> Progress.CallbackReceived(elapsed)
    is NativeProgress.Settled -> Progress.Settled(payment)
    is NativeProgress.TimedOut -> Progress.TimedOut(payment)
}
