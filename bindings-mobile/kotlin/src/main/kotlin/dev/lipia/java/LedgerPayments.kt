package dev.lipia.java

import dev.lipia.Client
import dev.lipia.ImportedPayment
import dev.lipia.LedgerReport
import dev.lipia.Payment
import dev.lipia.PaymentPage
import dev.lipia.PaymentSearch
import dev.lipia.PaymentStory
import dev.lipia.Payments
import dev.lipia.Pruned
import dev.lipia.Reconciled
import dev.lipia.Resolution
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.future.future
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.time.toKotlinDuration

/** The payments of a client's ledger, for Java: see [Payments]. Made by [LipiaClient.payments]. */
public class LedgerPayments internal constructor(private val client: Client, private val scope: CoroutineScope) {
    /** The payment with this id, or with an id that begins so. */
    public fun get(id: String): CompletableFuture<Payment> = future { get(id) }

    /** The payments of an order, the newest first. */
    public fun ofOrder(order: String): CompletableFuture<List<Payment>> = future { ofOrder(order) }

    /** The first page of payments that fit every filter, the newest first. */
    public fun search(search: PaymentSearch): CompletableFuture<PaymentPage> = future { search(search) }

    /** The page after one whose `next` is this. */
    public fun search(search: PaymentSearch, page: Long): CompletableFuture<PaymentPage> = future { search(search, page) }

    /** Everything that the ledger has of a payment. */
    public fun story(id: String): CompletableFuture<PaymentStory> = future { story(id) }

    /** Asks the gateway about a payment now, and writes what is learnt. Prompts nobody. */
    public fun ask(id: String): CompletableFuture<Payment> = future { ask(id) }

    /** Gives up an order, although its payment may still be paid. See [Payments.release]. */
    public fun release(order: String): CompletableFuture<Payment> = future { release(order) }

    /** Settles an open payment as paid, by the receipt that the merchant's statement shows. */
    public fun resolvePaid(id: String, receipt: String): CompletableFuture<Payment> = future { resolve(id, Resolution.Paid(receipt)) }

    /** Settles an open payment as not paid, because the merchant's statement does not show it. */
    public fun resolveNotPaid(id: String): CompletableFuture<Payment> = future { resolve(id, Resolution.NotPaid) }

    /** Has the handler of outcomes told of a payment once more. */
    public fun retell(id: String): CompletableFuture<Payment> = future { retell(id) }

    /** One pass over the ledger: see [Payments.reconcile]. */
    public fun reconcile(): CompletableFuture<Reconciled> = future { reconcile() }

    /** Deletes the personal data of payments that have been settled and acknowledged for that long. See [Payments.prune]. */
    public fun prune(olderThan: Duration): CompletableFuture<Pruned> = future { prune(olderThan.toKotlinDuration()) }

    /** Takes a payment into the ledger that the app kept as JSON. See [Payments.import]. */
    public fun importJson(json: String, order: String): CompletableFuture<ImportedPayment> = future { import(json, order) }

    /** The ledger's report on itself. */
    public fun report(): CompletableFuture<LedgerReport> = future { report() }

    private fun <T> future(call: suspend Payments.() -> T): CompletableFuture<T> = scope.future { client.payments.call() }
}
