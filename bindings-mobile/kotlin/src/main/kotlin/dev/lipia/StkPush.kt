package dev.lipia

/**
 * What a push asks for, with the amount as a number.
 *
 * ```
 * StkPush("0712 345 678", 150, "INV-001", "Two coffees")
 * ```
 *
 * @param phoneNumber who pays: any usual spelling of a Kenyan mobile number.
 * @param amount whole KES.
 * @param accountReference what you know the sale by; the customer sees it. With Daraja at most 12 characters.
 * @param transactionDesc what the sale is, at most 13 characters. Default: the reference.
 */
public fun StkPush(
    phoneNumber: String,
    amount: Long,
    accountReference: String,
    transactionDesc: String = "",
): StkPush = StkPush(phoneNumber, amount.toString(), accountReference, transactionDesc)
