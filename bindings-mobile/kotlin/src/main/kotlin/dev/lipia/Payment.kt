package dev.lipia

/**
 * Reads a payment that was saved with `toJson()`, to look at it. To go on with it, use [Client.resume]. The payment's order is not in the
 * text: [Payment.order] is `null`, and a payment of an order that is read back does not equal the one that was saved.
 *
 * @throws LipiaException.CorrectInput the text is not a payment.
 */
@Throws(LipiaException::class)
public fun readPayment(json: String): Payment = throwing { nativeReadPayment(json) }
