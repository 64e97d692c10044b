import Foundation

/// Handles are equal where they are of the same payment: a client has one live payment for an id.
extension PaymentHandle: Identifiable, Hashable {
    /// Whether both are of the same payment.
    public static func == (one: PaymentHandle, other: PaymentHandle) -> Bool { one.id == other.id }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }

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

/// Snapshots are equal where all of them is equal, so that a screen sees that a payment has changed. Their `id` is the
/// payment's: two snapshots of one payment have the same.
extension Payment: Identifiable, Codable {
    /// Reads a payment that was saved with `toJson()`, to look at it. To go on with it, use ``Client/resume(json:)``. The payment's
    /// order is not in the text: ``encode(to:)`` keeps it.
    ///
    /// - Throws: ``LipiaError``: the text is not a payment.
    public init(json: String) throws {
        self = try translating { try nativeReadPayment(json: json) }
    }

    /// The error of its last push, where that did not end in an acceptance.
    public var lastError: LipiaError? { nativeLastError.map { LipiaError(details: $0) } }

    /// Reads what ``encode(to:)`` has written: the payment, with its order. Reads the text of `toJson()` alone as well.
    ///
    /// - Throws: ``LipiaError``: the text is not a payment. `DecodingError`.
    public init(from decoder: any Decoder) throws {
        guard let kept = try? decoder.container(keyedBy: Kept.self) else {
            try self.init(json: decoder.singleValueContainer().decode(String.self))
            return
        }
        self = try Payment(json: kept.decode(String.self, forKey: .payment)).ofOrder(
            kept.decodeIfPresent(String.self, forKey: .order),
            orderIsPaid: kept.decode(Bool.self, forKey: .orderIsPaid),
            isPaidTwice: kept.decode(Bool.self, forKey: .isPaidTwice),
            isExisting: kept.decode(Bool.self, forKey: .isExisting))
    }

    /// Writes the text of `toJson()`, and beside it what the ledger knew: `order`, `orderIsPaid`, `isPaidTwice` and `isExisting`. The
    /// payment that is read back equals this one. It has the customer's number and a secret URL: keep it as safe as an order.
    ///
    /// `toJson()` itself has none of the four. A payment that is read with ``init(json:)`` has no order.
    public func encode(to encoder: any Encoder) throws {
        var kept = encoder.container(keyedBy: Kept.self)
        try kept.encode(toJson(), forKey: .payment)
        try kept.encodeIfPresent(order, forKey: .order)
        try kept.encode(orderIsPaid, forKey: .orderIsPaid)
        try kept.encode(isPaidTwice, forKey: .isPaidTwice)
        try kept.encode(isExisting, forKey: .isExisting)
    }

    /// What ``encode(to:)`` writes.
    private enum Kept: String, CodingKey {
        case payment, order, orderIsPaid, isPaidTwice, isExisting
    }

    /// The payment with what a ledger knows of it.
    package func ofOrder(
        _ order: String?, orderIsPaid: Bool, isPaidTwice: Bool = false, isExisting: Bool,
        state: PaymentState? = nil, outcome: Outcome? = nil
    ) -> Payment {
        Payment(
            id: id, gateway: gateway, state: state ?? self.state, outcome: outcome ?? self.outcome, isPaid: isPaid,
            push: push, warnings: warnings, acceptance: acceptance, checkoutRequestId: checkoutRequestId,
            resultCode: resultCode, receipt: receipt, paidAmount: paidAmount, paidBy: paidBy, paidAt: paidAt,
            reservedAt: reservedAt, sentAt: sentAt, settledAt: settledAt, lookAgainAt: lookAgainAt,
            orderFreeAt: orderFreeAt, revision: revision, flags: flags, nativeLastError: nativeLastError, json: json,
            order: order, orderIsPaid: orderIsPaid, isPaidTwice: isPaidTwice, isExisting: isExisting)
    }
}

extension Acceptance: Identifiable {}
