package dev.lipia

/**
 * Reads what was posted to a callback URL. An event is data, not proof: anybody can post a body. See
 * [Client.receiveCallback].
 *
 * @param body the body as it came, byte for byte.
 * @param gateway whose it is; without one, whichever gateway's it is by its shape.
 * @throws LipiaException.Disbelieve with a code that says what is wrong with the body.
 */
public fun parseCallback(body: ByteArray, gateway: GatewayName? = null): Event =
    throwing { nativeParseCallback(body, gateway) }

/** [parseCallback] for a body that is text already. */
public fun parseCallback(body: String, gateway: GatewayName? = null): Event =
    parseCallback(body.encodeToByteArray(), gateway)

/**
 * Compares an event with what was asked for, field by field.
 *
 * ```
 * event.check(Expected(amount = "150", phoneNumber = "0712345678")).isMatch
 * ```
 *
 * @throws LipiaException.CorrectInput where what is expected cannot be.
 */
public fun Event.check(expected: Expected): EventCheck = throwing { nativeCheck(expected) }
