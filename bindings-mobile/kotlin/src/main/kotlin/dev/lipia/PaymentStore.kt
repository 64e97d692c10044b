package dev.lipia

/**
 * A payment store made of a function that saves a payment by its id. The function may suspend and may throw. Where it
 * throws before a push, the push is not sent.
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

/** A store whose every failure becomes an exception that the border can carry. */
internal class GuardedStore(private val store: PaymentStore) : PaymentStore {
    override suspend fun save(payment: Payment): Unit = orAppException { store.save(payment) }
}

/** Runs the app's own code, and turns each of its failures into one that the border can carry. */
internal inline fun <T> orAppException(code: () -> T): T = try {
    code()
} catch (error: AppException) {
    throw error
} catch (error: LipiaException) {
    // The caller of the call hears of it as it is.
    throw AppException.Lipia(error.details)
} catch (error: Throwable) {
    throw AppException.Failed(error.toString())
}
