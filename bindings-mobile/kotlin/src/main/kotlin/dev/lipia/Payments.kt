package dev.lipia

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlin.time.Duration

/** A person's decision about a payment that is open, by what the merchant's statement shows: see [Payments.resolve]. */
public sealed interface Resolution {
    /**
     * The money came.
     *
     * @property receipt M-Pesa's receipt, as the statement has it.
     */
    public data class Paid(val receipt: String) : Resolution

    /** The money did not come. */
    public data object NotPaid : Resolution
}

/**
 * The payments of a client's ledger: looking them up, and what a person does about them. Made by [Client.payments].
 *
 * ```
 * for (payment in daraja.payments.ofOrder("table-9-lunch")) println("${payment.id} ${payment.outcome}")
 * ```
 *
 * Every call throws a [LipiaException] whose code begins with `ledger_` where the file cannot be used.
 */
public class Payments internal constructor(private val client: Client) {
    /**
     * The payment with this id.
     *
     * @param id the payment's id, or its beginning, at least 8 digits that no other payment's id begins with.
     * @throws LipiaException.CorrectInput there is no such payment, or more than one (`payment_not_in_ledger`).
     */
    public suspend fun get(id: String): Payment = client.call { it.ledgerPayment(id) }

    /** The payments of an order, the newest first. */
    public suspend fun ofOrder(order: String): List<Payment> = client.call { it.paymentsOfOrder(order) }

    /**
     * A page of payments that fit every filter, the newest first.
     *
     * ```
     * val page = daraja.payments.search(PaymentSearch(state = PaymentState.UNKNOWN))
     * val older = page.next?.let { daraja.payments.search(PaymentSearch(state = PaymentState.UNKNOWN), it) }
     * ```
     *
     * @param search the filters. Default: all payments.
     * @param page the `next` of the page before. Default: the first page.
     * @param limit the most payments of a page, at least 1.
     */
    public suspend fun search(search: PaymentSearch = PaymentSearch(), page: Long? = null, limit: Int = 50): PaymentPage =
        client.call { it.searchPayments(search, page, limit.coerceAtLeast(1).toUInt()) }

    /** All payments that fit every filter, the newest first, read page by page as they are collected. */
    public fun all(search: PaymentSearch = PaymentSearch()): Flow<Payment> = flow {
        var page: Long? = null
        do {
            val found = search(search, page)
            found.payments.forEach { emit(it) }
            page = found.next
        } while (page != null)
    }

    /**
     * Everything that the ledger has of a payment: its callbacks, how often the gateway was asked and the app told, the other
     * payments of its order. It holds the customer's phone number.
     *
     * @throws LipiaException.CorrectInput as [get].
     */
    public suspend fun story(id: String): PaymentStory = client.call { it.paymentStory(id) }

    /**
     * Asks the gateway about a payment now, and writes what is learnt. Prompts nobody.
     *
     * ```
     * val payment = daraja.payments.ask(unknown.id)
     * ```
     *
     * @param timeout the time for the call. Default: the client's.
     * @throws LipiaException.CorrectInput as [get].
     * @throws LipiaException.LookAtPayment no id is known to ask by: only the callback or the statement can tell.
     * @throws LipiaException the question could not be asked, or its answer was not understood.
     */
    public suspend fun ask(id: String, timeout: Duration? = null): Payment = client.call { it.askPayment(id, timeout, null) }

    /**
     * Gives up an order, so that it can be requested again although its payment may still be paid: the customer may be
     * prompted twice, and may pay twice. A success that is learnt later is still written, and told.
     *
     * @return the payment that held the order.
     * @throws LipiaException no payment holds it (`order_not_held`), or a push for it is being sent (`order_in_flight`).
     */
    public suspend fun release(order: String): Payment = client.call { it.releaseOrder(order) }

    /**
     * Settles a payment that is open as a person decided who has seen the merchant's statement. [Client.outcomes] tells it.
     *
     * A payment that is resolved as not paid within 90 seconds of its push holds its order until `orderFreeAt`, because the
     * customer may still pay. The gateway is asked again, and a success that it tells later is told.
     *
     * ```
     * daraja.payments.resolve("0c51c758", Resolution.Paid("UAB1CD2EF3"))
     * ```
     *
     * @param id as in [get].
     * @throws LipiaException the payment is settled, or is being sent (`payment_not_open`).
     * @throws LipiaException.CorrectInput as [get]; another payment has the receipt (`receipt_taken`), whose id is
     * [LipiaException.paymentId]; or the text is not a receipt (`receipt_unreadable`).
     */
    public suspend fun resolve(id: String, resolution: Resolution): Payment {
        val receipt = when (resolution) {
            is Resolution.Paid -> resolution.receipt
            Resolution.NotPaid -> null
        }
        return client.call { it.resolvePayment(id, receipt) }
    }

    /**
     * Has [Client.outcomes] tell a payment once more: where the app took the news and lost it, say.
     *
     * @throws LipiaException there is nothing to tell while the payment is open or was not sent (`nothing_to_tell`).
     */
    public suspend fun retell(id: String): Payment = client.call { it.retellPayment(id) }

    /**
     * One pass over the ledger: pushes that were cut off by the end of the app become `unknown`, the gateway is asked what is
     * due, and who collects [Client.outcomes] is told what is owed. Where somebody collects, this happens by itself. For a job
     * of the system's that runs now and then, such as WorkManager's.
     */
    public suspend fun reconcile(): Reconciled = client.call { it.reconcile(null) }

    /**
     * Deletes the personal data of payments that have been settled and acknowledged for that long: phone numbers, references, the
     * bodies of callbacks. Order, outcome, amount, receipt and times stay, so that a paid order stays paid. What is open, `unknown`
     * or still to be told is left as it is.
     *
     * ```
     * daraja.payments.prune(olderThan = 90.days)
     * ```
     *
     * @param dryRun whether it is only counted what would be done.
     */
    public suspend fun prune(olderThan: Duration, dryRun: Boolean = false): Pruned =
        client.call { it.prunePayments(olderThan, dryRun) }

    /**
     * Takes a payment into the ledger that the app kept as JSON: the way from a store of the app's own. May be repeated.
     *
     * ```
     * daraja.payments.import(file.readText(), order = "table-9-lunch")
     * ```
     *
     * @param json the text of the payment's `toJson()`.
     * @param order the order that the payment is for. It holds the order where it is paid or may yet be, unless another one does.
     * @param tell whether an outcome that is known already is told.
     * @throws LipiaException.CorrectInput the text is not a payment, or the payment is another gateway's.
     */
    public suspend fun import(json: String, order: String? = null, tell: Boolean = false): ImportedPayment =
        client.call { it.importPayment(json, order, tell) }

    /** The ledger's report on itself: where it is, whether it is damaged, how many payments are open. The whole file is read. */
    public suspend fun report(): LedgerReport = client.call { it.ledgerReport() }
}
