package dev.lipia

import java.math.BigDecimal
import java.time.Instant

/**
 * Reads a Kenyan mobile number, however it is written.
 *
 * ```
 * parsePhoneNumber("0712 345 678").number    // 254712345678
 * ```
 *
 * @throws LipiaException.CorrectInput where it is none.
 */
public fun parsePhoneNumber(text: String): PhoneNumber = throwing { nativeParsePhoneNumber(text) }

/**
 * Reads an amount in whole KES.
 *
 * ```
 * parseAmount("1,500")    // 1500
 * ```
 *
 * @param maxAmount the most that is taken. Default: 250,000, M-Pesa's own limit.
 * @param roundAmount whether a fraction of a shilling is rounded (half up) instead of refused.
 * @throws LipiaException.CorrectInput where it is none, or too much.
 */
public fun parseAmount(text: String, maxAmount: Long? = null, roundAmount: Boolean = false): Long =
    throwing { nativeParseAmount(text, maxAmount, roundAmount) }

/**
 * Reads money in KES, to the cent.
 *
 * ```
 * parseMoney("150.50")    // 150.50
 * ```
 *
 * @param jsonNumber whether it is read as a number in JSON is, such as `1.5e2`.
 * @throws LipiaException.CorrectInput where it is none.
 */
public fun parseMoney(text: String, jsonNumber: Boolean = false): BigDecimal =
    throwing { nativeParseMoney(text, jsonNumber) }

/**
 * Checks what a sale is known by.
 *
 * @param limit how many characters it may have. Default: Daraja's 12.
 * @param truncate whether a text that is too long is cut instead of refused.
 * @throws LipiaException.CorrectInput where it cannot be sent.
 */
public fun parseAccountReference(text: String, limit: Int? = null, truncate: Boolean = false): CheckedText =
    throwing { nativeParseAccountReference(text, limit.orNothingLess(), truncate) }

/**
 * Checks what a sale is described by.
 *
 * @param limit how many characters it may have. Default: Daraja's 13.
 * @param truncate whether a text that is too long is cut instead of refused.
 * @throws LipiaException.CorrectInput where it cannot be sent.
 */
public fun parseTransactionDesc(text: String, limit: Int? = null, truncate: Boolean = false): CheckedText =
    throwing { nativeParseTransactionDesc(text, limit.orNothingLess(), truncate) }

/**
 * Checks a callback URL as the gateways would.
 *
 * @param environment how strictly: in production it must be `https` on a public host.
 * @throws LipiaException.CorrectInput where nothing could be posted there.
 */
public fun parseCallbackUrl(
    text: String,
    environment: GatewayEnvironment = GatewayEnvironment.PRODUCTION,
): CheckedText = throwing { nativeParseCallbackUrl(text, environment) }

/**
 * The password of a Daraja request at one instant, for who writes requests by hand. A secret.
 *
 * @throws LipiaException where short code or pass key cannot be right; [LipiaException.field] names it.
 */
public fun password(shortCode: String, passKey: String, at: Instant = Instant.now()): TimedPassword =
    throwing { nativePassword(shortCode, passKey, at) }

private fun Int?.orNothingLess(): UInt? = this?.coerceAtLeast(0)?.toUInt()
