package dev.lipia

/**
 * Reads a payment that was saved with `toJson()`, to look at it. [Client.resume] takes it up.
 *
 * @throws LipiaException.CorrectInput where it is none.
 */
public fun readPayment(json: String): Payment = throwing { nativeReadPayment(json) }

/**
 * Announces that the push is about to leave, for who saves payments by hand: what is saved from here on says `sending`, and
 * whoever reads it after the process was killed never pushes it again. A client with a [PaymentStore] does this by itself.
 *
 * ```
 * val payment = daraja.reserve(StkPush("0712345678", 150, "INV-001"))
 * payment.begin()
 * file.writeText(payment.toJson())
 * daraja.push(payment)
 * ```
 *
 * @throws LipiaException.LookAtPayment where it was sent already.
 */
public fun PaymentHandle.begin(): Unit = throwing { stillOpen().nativeBegin() }

/**
 * Hands in an event that came to this payment's own callback URL, without asking the gateway. [Client.receiveCallback] is
 * what to use for a callback that comes from outside.
 */
public fun PaymentHandle.notify(event: Event): Change = throwing { stillOpen().nativeNotify(event) }

/** A payment that can be handed over the border: what was closed is not our memory any more, and the border does not look. */
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
