package dev.lipia

/**
 * A store from what it does: save a payment, by its id. It may suspend, and throw: where it throws before a push, the push
 * is not sent.
 *
 * ```
 * val store = PaymentStore { payment -> database.put(payment.id, payment.revision, payment.toJson()) }
 * ```
 */
public fun PaymentStore(keep: suspend (Payment) -> Unit): PaymentStore =
    object : PaymentStore {
        override suspend fun save(payment: Payment): Unit = keep(payment)

        override fun toString(): String = "PaymentStore"
    }

/** What the border can carry: see [GuardedProvider]. */
internal class GuardedStore(private val store: PaymentStore) : PaymentStore {
    override suspend fun save(payment: Payment): Unit = orAppException { store.save(payment) }
}

/** Runs the app's own code, whose every failure becomes one that the border can carry. */
internal inline fun <T> orAppException(code: () -> T): T = try {
    code()
} catch (error: AppException) {
    throw error
} catch (error: Throwable) {
    throw AppException.Failed(error.toString())
}
