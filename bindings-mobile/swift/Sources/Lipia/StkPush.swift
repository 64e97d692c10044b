import Foundation

extension StkPush {
    /// Makes a push with the amount in whole KES. It is checked when the payment is reserved.
    ///
    /// ```swift
    /// let push = StkPush(phoneNumber: "0712 345 678", amount: 150, accountReference: "INV-001")
    /// ```
    ///
    /// - Parameters:
    ///   - phoneNumber: the payer's Kenyan mobile number, in any usual spelling.
    ///   - amount: the amount in whole KES.
    ///   - accountReference: the reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12
    ///     characters.
    ///   - transactionDesc: a description of the sale, at most 13 characters. Default: the account reference.
    ///   - callbackUrl: the URL for the result of this push, used exactly as given. Default: the client's callback URL with this
    ///     payment's own token.
    ///   - fit: whether a text that is too long is refused or cut.
    ///   - transactionType: Daraja: pay bill or till, for this push. Default: the client's.
    ///   - partyB: Daraja: the till that receives the money of this push. Default: the client's.
    ///   - channelId: PalPluss, UpesiPay and PayHero: the payment channel that receives the money. Default: the client's.
    ///   - credentialId: PalPluss, UpesiPay and PayHero: the id of the merchant's own Daraja credentials there. Default: the
    ///     client's.
    ///   - customerName: UpesiPay and PayHero: the payer's name.
    public init(
        phoneNumber: String, amount: Int, accountReference: String, transactionDesc: String = "",
        callbackUrl: String? = nil, fit: Fit = .refuse, transactionType: TransactionType? = nil,
        partyB: String? = nil, channelId: String? = nil, credentialId: String? = nil, customerName: String? = nil
    ) {
        self.init(
            phoneNumber: phoneNumber, amount: String(amount), accountReference: accountReference,
            transactionDesc: transactionDesc, callbackUrl: callbackUrl, fit: fit,
            transactionType: transactionType, partyB: partyB, channelId: channelId, credentialId: credentialId,
            customerName: customerName)
    }

    /// Makes a push with the amount as a `Decimal`, such as the total of a basket.
    ///
    /// - Parameters:
    ///   - phoneNumber: the payer's Kenyan mobile number, in any usual spelling.
    ///   - amount: the amount in KES.
    ///   - accountReference: the reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12
    ///     characters.
    ///   - transactionDesc: a description of the sale, at most 13 characters. Default: the account reference.
    ///   - callbackUrl: the URL for the result of this push, used exactly as given. Default: the client's callback URL with this
    ///     payment's own token.
    ///   - fit: whether a text that is too long is refused or cut.
    ///   - roundAmount: whether a fraction of a shilling is rounded half up. By default it is refused: M-Pesa takes whole KES.
    ///   - transactionType: Daraja: pay bill or till, for this push. Default: the client's.
    ///   - partyB: Daraja: the till that receives the money of this push. Default: the client's.
    ///   - channelId: PalPluss, UpesiPay and PayHero: the payment channel that receives the money. Default: the client's.
    ///   - credentialId: PalPluss, UpesiPay and PayHero: the id of the merchant's own Daraja credentials there. Default: the
    ///     client's.
    ///   - customerName: UpesiPay and PayHero: the payer's name.
    public init(
        phoneNumber: String, amount: Decimal, accountReference: String, transactionDesc: String = "",
        callbackUrl: String? = nil, fit: Fit = .refuse, roundAmount: Bool = false,
        transactionType: TransactionType? = nil, partyB: String? = nil, channelId: String? = nil,
        credentialId: String? = nil, customerName: String? = nil
    ) {
        self.init(
            phoneNumber: phoneNumber, amount: amount.description, accountReference: accountReference,
            transactionDesc: transactionDesc, callbackUrl: callbackUrl, fit: fit, roundAmount: roundAmount,
            transactionType: transactionType, partyB: partyB, channelId: channelId, credentialId: credentialId,
            customerName: customerName)
    }
}

extension Expected {
    /// The push to compare an event with, by its amount in whole KES.
    public init(
        amount: Int, phoneNumber: String? = nil, checkoutRequestId: String? = nil, merchantRequestId: String? = nil
    ) {
        self.init(
            amount: String(amount), phoneNumber: phoneNumber, checkoutRequestId: checkoutRequestId,
            merchantRequestId: merchantRequestId)
    }
}
