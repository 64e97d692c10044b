import Foundation

extension PaymentHandle {
    /// Marks the payment's push as about to leave, for an app that saves payments itself. The JSON says `sending` from here
    /// on, and an app that reads it after a crash never pushes it again.
    ///
    /// ```swift
    /// try handle.begin()
    /// try handle.toJson().write(to: file, atomically: true, encoding: .utf8)
    /// try await daraja.push(handle)
    /// ```
    ///
    /// - Throws: ``LipiaError``: the payment was pushed or begun before.
    public func begin() throws {
        try translating { try nativeBegin() }
    }

    /// Applies an event that came on this payment's own callback URL, without asking the gateway. For a callback that comes
    /// from outside, use ``Client/receiveCallback(path:body:peer:forwardedFor:confirm:)``.
    ///
    /// - Throws: ``LipiaError``: the event's body is not a callback.
    @discardableResult
    public func notify(_ event: Event) throws -> Change {
        try translating { try nativeNotify(event: event) }
    }
}

extension Payment {
    /// Reads a payment that was saved with `toJson()`, to look at it. To go on with it, use ``Client/resume(json:)``.
    ///
    /// - Throws: ``LipiaError``: the text is not a payment.
    public init(json: String) throws {
        self = try translating { try nativeReadPayment(json: json) }
    }
}

extension StkPush {
    /// Makes a push with the amount as a number, in whole KES. The other initializer takes the amount as text.
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
