package dev.lipia

/**
 * A push, with the amount as a number.
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
 */
public fun StkPush(
    phoneNumber: String,
    amount: Long,
    accountReference: String,
    transactionDesc: String = "",
): StkPush = StkPush(phoneNumber, amount.toString(), accountReference, transactionDesc)
