import Foundation

extension Event {
    /// Compares it with what was asked for.
    ///
    /// - Throws: ``LipiaError`` naming the expectation that is not valid.
    public func check(_ expected: Expected) throws -> EventCheck {
        try translating { try nativeCheck(expected: expected) }
    }
}

/// Reads what was posted to a callback URL. Data, not proof: ``Client/receiveCallback(path:body:peer:forwardedFor:confirm:)``
/// checks it.
///
/// - Parameters:
///   - body: as it came.
///   - gateway: whose it is. Default: whichever gateway's it is by its shape.
/// - Throws: ``LipiaError`` with the remedy `disbelieve`.
public func parseCallback(_ body: Data, gateway: GatewayName? = nil) throws -> Event {
    try translating { try nativeParseCallback(body: body, gateway: gateway) }
}
