package dev.lipia

/**
 * Reads the body of a callback. An event is data, not proof: anybody can post a body. [Client.receiveCallback] verifies it.
 *
 * @param body the body of the request, byte for byte.
 * @param gateway the gateway that sent it. Default: the one that the shape of the body shows.
 * @throws LipiaException.Disbelieve the body is not a callback; [LipiaException.code] says why.
 */
@JvmOverloads
@Throws(LipiaException::class)
public fun parseCallback(body: ByteArray, gateway: GatewayName? = null): Event =
    throwing { nativeParseCallback(body, gateway) }

/** [parseCallback] for a body that is text. */
@JvmOverloads
@Throws(LipiaException::class)
public fun parseCallback(body: String, gateway: GatewayName? = null): Event =
    parseCallback(body.encodeToByteArray(), gateway)

/**
 * Compares an event with what was asked for, field by field.
 *
 * ```
 * event.check(Expected(amount = "150", phoneNumber = "0712345678")).isMatch
 * ```
 *
 * @throws LipiaException.CorrectInput a part of [expected] is not valid; [LipiaException.field] names it.
 */
@Throws(LipiaException::class)
public fun Event.check(expected: Expected): EventCheck = throwing { nativeCheck(expected) }
