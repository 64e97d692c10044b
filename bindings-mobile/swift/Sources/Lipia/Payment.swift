import Foundation

extension PaymentHandle {
    /// Announces that the push is about to leave, for an app that saves payments itself: the JSON says `sending` from here
    /// on, and whoever reads it after a crash never pushes it.
    ///
    /// - Throws: ``LipiaError`` where it may have been pushed before.
    public func begin() throws {
        try translating { try nativeBegin() }
    }

    /// Hands in an event that came to this payment's own callback URL and passed its checks, without asking the gateway.
    ///
    /// - Throws: ``LipiaError`` where the event's body is none.
    @discardableResult
    public func notify(_ event: Event) throws -> Change {
        try translating { try nativeNotify(event: event) }
    }
}

extension Payment {
    /// Reads a payment that was saved with `toJson()`, to look at it. ``Client/resume(json:)`` takes it up.
    ///
    /// - Throws: ``LipiaError`` where the text is none of a payment.
    public init(json: String) throws {
        self = try translating { try nativeReadPayment(json: json) }
    }
}

extension StkPush {
    /// With the amount as a number, in whole KES; what is left out is as in the other initializer.
    public init(
        phoneNumber: String, amount: Int, accountReference: String, transactionDesc: String = "",
        callbackUrl: String? = nil, truncate: Bool = false, transactionType: TransactionType? = nil,
        partyB: String? = nil, channelId: String? = nil, credentialId: String? = nil, customerName: String? = nil
    ) {
        self.init(
            phoneNumber: phoneNumber, amount: String(amount), accountReference: accountReference,
            transactionDesc: transactionDesc, callbackUrl: callbackUrl, truncate: truncate,
            transactionType: transactionType, partyB: partyB, channelId: channelId, credentialId: credentialId,
            customerName: customerName)
    }
}
