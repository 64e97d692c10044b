package dev.lipia

import java.math.BigDecimal

/**
 * A push, with the amount as a number. Other options by `copy`: `StkPush(…).copy(customerName = "Wanjiru")`.
 *
 * ```
 * StkPush("0712 345 678", 150, "INV-001", "Two coffees")
 * ```
 *
 * @param phoneNumber the payer's Kenyan mobile number, in any usual spelling.
 * @param amount the amount in whole KES.
 * @param accountReference the reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12
 * characters.
 * @param transactionDesc a description of the sale, at most 13 characters. Default: the reference.
 * @param fit whether a text that is too long is refused or cut. By default it is refused.
 */
public fun StkPush(
    phoneNumber: String,
    amount: Int,
    accountReference: String,
    transactionDesc: String = "",
    fit: Fit = Fit.REFUSE,
): StkPush = StkPush(phoneNumber, amount.toString(), accountReference, transactionDesc, fit = fit)

/** A push, with the amount in whole KES as a `Long`. */
public fun StkPush(
    phoneNumber: String,
    amount: Long,
    accountReference: String,
    transactionDesc: String = "",
    fit: Fit = Fit.REFUSE,
): StkPush = StkPush(phoneNumber, amount.toString(), accountReference, transactionDesc, fit = fit)

/**
 * A push, with the amount as a `BigDecimal`, such as a price with taxes.
 *
 * @param roundAmount whether a fraction of a shilling is rounded half up. By default it is refused.
 */
public fun StkPush(
    phoneNumber: String,
    amount: BigDecimal,
    accountReference: String,
    transactionDesc: String = "",
    roundAmount: Boolean = false,
    fit: Fit = Fit.REFUSE,
): StkPush = StkPush(phoneNumber, written(amount), accountReference, transactionDesc, fit = fit, roundAmount = roundAmount)

/** An amount as digits. A number with more of them than any amount has is refused as it is: written out it may fill the memory. */
private fun written(amount: BigDecimal): String =
    if (amount.scale() in -12..12) amount.toPlainString() else amount.toString()
