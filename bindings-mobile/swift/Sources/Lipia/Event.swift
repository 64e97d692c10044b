import Foundation

extension Event {
    /// Compares the event with what was asked for, field by field.
    ///
    /// ```swift
    /// try event.check(Expected(amount: "150", phoneNumber: "0712345678")).isMatch
    /// ```
    ///
    /// - Throws: ``LipiaError``: a part of `expected` is not valid; `field` names it.
    public func check(_ expected: Expected) throws -> EventCheck {
        try translating { try nativeCheck(expected: expected) }
    }
}

/// Reads the body of a callback. An event is data, not proof: anybody can post a body.
/// ``Client/receiveCallback(path:body:peer:forwardedFor:confirm:)`` verifies it.
///
/// - Parameters:
///   - body: the body of the request, unchanged.
///   - gateway: the gateway that sent it. Default: the one that the shape of the body shows.
/// - Throws: ``LipiaError`` with the remedy `disbelieve`: the body is not a callback.
public func parseCallback(_ body: Data, gateway: GatewayName? = nil) throws -> Event {
    try translating { try nativeParseCallback(body: body, gateway: gateway) }
}
