package dev.lipia

/**
 * Reads a payment that was saved with `toJson()`, to look at it. To go on with it, use [Client.resume].
 *
 * @throws LipiaException.CorrectInput the text is not a payment.
 */
public fun readPayment(json: String): Payment = throwing { nativeReadPayment(json) }

/**
 * Marks the payment's push as about to leave, for apps that save payments by hand. The payment says `sending` from here on,
 * and an app that reads it after a crash never pushes it again. A client with a [PaymentStore] does this by itself.
 *
 * ```
 * val payment = daraja.reserve(StkPush("0712345678", 150, "INV-001"))
 * payment.begin()
 * file.writeText(payment.toJson())
 * daraja.push(payment)
 * ```
 *
 * @throws LipiaException.LookAtPayment the payment was pushed or begun before.
 */
public fun PaymentHandle.begin(): Unit = throwing { stillOpen().nativeBegin() }

/**
 * Applies an event that came on this payment's own callback URL, without asking the gateway. For a callback that comes from
 * outside, use [Client.receiveCallback].
 */
public fun PaymentHandle.notify(event: Event): Change = throwing { stillOpen().nativeNotify(event) }

/** The payment, unless it was closed: the border would use memory that was freed. */
internal fun PaymentHandle.stillOpen(): PaymentHandle {
    if (uniffiIsDestroyed) {
        throw exceptionOf(
            detailsOf(
                ErrorKind.INVALID_INPUT,
                Remedy.CORRECT_INPUT,
                "payment_closed",
                "This payment was closed.",
                "Close it when you are done with it, or not at all; a client's find and resume give another.",
                field = "payment",
            ),
        )
    }
    return this
}
