package dev.lipia

import java.math.BigDecimal
import java.time.Instant

/**
 * Reads a Kenyan mobile number in any usual spelling.
 *
 * ```
 * parsePhoneNumber("0712 345 678").number    // 254712345678
 * ```
 *
 * @throws LipiaException.CorrectInput the text is not such a number; [LipiaException.code] says why.
 */
@Throws(LipiaException::class)
public fun parsePhoneNumber(text: String): PhoneNumber = throwing { nativeParsePhoneNumber(text) }

/**
 * Reads an amount in whole KES, in digits only: commas, signs, exponents and a currency are refused.
 *
 * ```
 * parseAmount("1500")    // 1500
 * ```
 *
 * @param maxAmount the largest amount that is accepted. Default: 250,000, M-Pesa's own limit.
 * @param roundAmount whether a fraction of a shilling is rounded half up. By default it is refused.
 * @throws LipiaException.CorrectInput the amount is not valid, or too large.
 */
@JvmOverloads
@Throws(LipiaException::class)
public fun parseAmount(text: String, maxAmount: Long? = null, roundAmount: Boolean = false): Long =
    throwing { nativeParseAmount(text, maxAmount, roundAmount) }

/**
 * Reads an amount of money in KES, to the cent.
 *
 * ```
 * parseMoney("150.50")    // 150.50
 * ```
 *
 * @param jsonNumber whether the text is a JSON number, which may have an exponent, such as `1.5e2`.
 * @throws LipiaException.CorrectInput the text is not an amount of money.
 */
@JvmOverloads
@Throws(LipiaException::class)
public fun parseMoney(text: String, jsonNumber: Boolean = false): BigDecimal =
    throwing { nativeParseMoney(text, jsonNumber) }

/**
 * Checks an account reference, the merchant's own reference for a sale.
 *
 * @param limit the most characters. Default: Daraja's 12.
 * @param fit whether a text that is too long is refused or cut. By default it is refused.
 * @throws LipiaException.CorrectInput the text is not valid; [LipiaException.code] says why.
 */
@JvmOverloads
@Throws(LipiaException::class)
public fun parseAccountReference(text: String, limit: Int? = null, fit: Fit = Fit.REFUSE): CheckedText =
    throwing { nativeParseAccountReference(text, limit.orNothingLess(), fit) }

/**
 * Checks the description of a sale.
 *
 * @param limit the most characters. Default: Daraja's 13.
 * @param fit whether a text that is too long is refused or cut. By default it is refused.
 * @throws LipiaException.CorrectInput the text is not valid; [LipiaException.code] says why.
 */
@JvmOverloads
@Throws(LipiaException::class)
public fun parseTransactionDesc(text: String, limit: Int? = null, fit: Fit = Fit.REFUSE): CheckedText =
    throwing { nativeParseTransactionDesc(text, limit.orNothingLess(), fit) }

/**
 * Checks a callback URL, to which a gateway posts results.
 *
 * @param environment how strictly it is checked: in production it must be `https` on a public host.
 * @throws LipiaException.CorrectInput the URL is not valid; [LipiaException.code] says why.
 */
@JvmOverloads
@Throws(LipiaException::class)
public fun parseCallbackUrl(
    text: String,
    environment: GatewayEnvironment = GatewayEnvironment.PRODUCTION,
): CheckedText = throwing { nativeParseCallbackUrl(text, environment) }

/**
 * The password of a Daraja request at one instant, and its timestamp, to compare with another program. It is a secret.
 *
 * @throws LipiaException the short code or the pass key is not valid; [LipiaException.field] names it.
 */
@JvmOverloads
@Throws(LipiaException::class)
public fun password(shortCode: String, passKey: String, at: Instant = Instant.now()): TimedPassword =
    throwing { nativePassword(shortCode, passKey, at) }

private fun Int?.orNothingLess(): UInt? = this?.coerceAtLeast(0)?.toUInt()
