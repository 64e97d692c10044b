package dev.lipia

/**
 * Reads a payment that was saved with `toJson()`, to look at it. To go on with it, use [Client.resume].
 *
 * @throws LipiaException.CorrectInput the text is not a payment.
 */
@Throws(LipiaException::class)
public fun readPayment(json: String): Payment = throwing { nativeReadPayment(json) }
