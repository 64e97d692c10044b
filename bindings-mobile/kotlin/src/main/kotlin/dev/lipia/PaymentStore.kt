package dev.lipia

/**
 * The app's own store for payments, such as a file or a database. A client with a store saves each payment before its push
 * and after every change, so that an app that is killed at any moment finds the payment again.
 *
 * ```
 * val store = PaymentStore { payment -> database.put(payment.id, payment.revision, payment.toJson()) }
 * ```
 */
public fun interface PaymentStore {
    /**
     * Saves a payment: the text of [Payment.toJson], by its id. May suspend and may throw. Where it throws before a push, the push is
     * not sent.
     */
    public suspend fun save(payment: Payment)
}

/** A store as the native library calls it. */
internal class GuardedStore(private val store: PaymentStore) : NativePaymentStore {
    override suspend fun save(payment: Payment): Unit = orAppException { store.save(payment) }
}
