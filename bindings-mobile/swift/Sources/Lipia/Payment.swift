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
    /// Reads a payment that was saved with `toJson()`, to look at it. To go on with it, use ``Client/resume(json:)``.
    ///
    /// - Throws: ``LipiaError``: the text is not a payment.
    public init(json: String) throws {
        self = try translating { try nativeReadPayment(json: json) }
    }

    /// The error of its last push, where that did not end in an acceptance.
    public var lastError: LipiaError? { nativeLastError.map { LipiaError(details: $0) } }

    /// Reads the text of `toJson()`, as ``encode(to:)`` writes it.
    ///
    /// - Throws: ``LipiaError``: the text is not a payment. `DecodingError`.
    public init(from decoder: any Decoder) throws {
        try self.init(json: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text of `toJson()` as one string. It has the customer's number and a secret URL: keep it as safe as an order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(toJson())
    }
}

extension Acceptance: Identifiable {}
