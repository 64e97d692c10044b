package dev.lipia

/**
 * News of one payment: see [Client.outcomes]. Until it is acknowledged with [done] it is told again, by this app or by the next
 * one that opens the ledger.
 *
 * ```
 * daraja.outcomes.collect { outcome ->
 *     if (outcome.payment.isPaid) orders.markPaid(outcome.payment.order, outcome.payment.receipt)
 *     try {
 *         outcome.done()
 *     } catch (error: LipiaException) {
 *         log(error.message) // a full disk, say: it is told again
 *     }
 * }
 * ```
 *
 * What the app does with it must do no harm when it is done twice: the app may be killed between that and [done].
 */
public class Telling internal constructor(private val native: NativeTelling) {
    /** The payment, as the ledger had it when this was told. [Payment.orderIsPaid] counts other payments of the same order in. */
    public val payment: Payment = native.payment()

    /** How often the payment was told, this telling counted in. Of two tellings of one payment the later has the higher number. */
    public val attempt: Int = native.attempt()

    /**
     * Acknowledges the telling, and returns once the ledger has written that down. It is not told again, unless more is learnt of
     * the payment.
     *
     * @return whether the acknowledgement counts. It does not where the telling took longer than a minute and the payment was told
     * again since, or where it was handed back before.
     * @throws LipiaException the ledger could not write it down. The payment is told again. In a collector of [Client.outcomes],
     * catch it there: an exception that leaves the collector ends the collecting.
     */
    public suspend fun done(): Boolean = throwing { native.done() }

    /** Hands the telling back: it is told again after some seconds, then ever more seldom, up to an hour. */
    public fun failed(reason: String) {
        native.failed(reason)
    }

    override fun toString(): String = "Telling(payment=$payment, attempt=$attempt)"
}
