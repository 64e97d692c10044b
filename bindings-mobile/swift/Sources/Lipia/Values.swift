import Foundation

/// Reads a Kenyan mobile number, however it is written.
///
/// ```swift
/// try parsePhoneNumber("0712 345 678").number  // "254712345678"
/// ```
///
/// - Throws: ``LipiaError`` whose `field` is `phoneNumber`.
public func parsePhoneNumber(_ text: String) throws -> PhoneNumber {
    try translating { try nativeParsePhoneNumber(text: text) }
}

/// Reads an amount in whole KES.
///
/// - Parameters:
///   - text: digits; thousands may be set apart.
///   - maxAmount: the most that is taken, in whole KES. Default: 250,000.
///   - roundAmount: whether a fraction is rounded instead of refused.
/// - Throws: ``LipiaError`` whose `field` is `amount`.
public func parseAmount(_ text: String, maxAmount: Int? = nil, roundAmount: Bool = false) throws -> Int {
    try translating { try nativeParseAmount(text: text, maxAmount: maxAmount, roundAmount: roundAmount) }
}

/// Reads money in KES, to the cent.
///
/// - Parameters:
///   - text: digits, with up to two decimals that count.
///   - jsonNumber: whether it stood in JSON as a number, which may be written with an exponent.
/// - Throws: ``LipiaError`` whose `field` is `amount`.
public func parseMoney(_ text: String, jsonNumber: Bool = false) throws -> Decimal {
    try translating { try nativeParseMoney(text: text, jsonNumber: jsonNumber) }
}

/// Checks an account reference: what the merchant knows the sale by, which the customer sees.
///
/// - Parameters:
///   - text: the reference.
///   - limit: how many characters it may have. Default: Daraja's 12.
///   - truncate: whether it is cut instead of refused.
/// - Throws: ``LipiaError`` whose `field` is `accountReference`.
public func parseAccountReference(_ text: String, limit: Int? = nil, truncate: Bool = false) throws -> CheckedText {
    let limit = limit.map(UInt32.init(clamping:))
    return try translating { try nativeParseAccountReference(text: text, limit: limit, truncate: truncate) }
}

/// Checks a description of a sale.
///
/// - Parameters:
///   - text: the description.
///   - limit: how many characters it may have. Default: Daraja's.
///   - truncate: whether it is cut instead of refused.
/// - Throws: ``LipiaError`` whose `field` is `transactionDesc`.
public func parseTransactionDesc(_ text: String, limit: Int? = nil, truncate: Bool = false) throws -> CheckedText {
    let limit = limit.map(UInt32.init(clamping:))
    return try translating { try nativeParseTransactionDesc(text: text, limit: limit, truncate: truncate) }
}

/// Checks an address for callbacks.
///
/// - Parameters:
///   - text: the URL.
///   - environment: how strict to be: the sandbox takes `http` on this machine.
/// - Throws: ``LipiaError`` whose `field` is `callbackUrl`.
public func parseCallbackUrl(_ text: String, environment: GatewayEnvironment = .production) throws -> CheckedText {
    try translating { try nativeParseCallbackUrl(text: text, environment: environment) }
}

/// The password of a Daraja request at one instant, and the timestamp that goes with it.
///
/// - Throws: ``LipiaError`` whose `field` is `shortCode`, `passKey` or `at`.
public func password(shortCode: String, passKey: String, at instant: Date = Date()) throws -> TimedPassword {
    // What crosses the border as a time ends the process where it is none.
    guard abs(instant.timeIntervalSince1970) < 1e12 else {
        throw LipiaError(
            details: ErrorDetails(
                kind: .invalidInput, disposition: .notSent, remedy: .correctInput, code: "time_not_valid",
                message: "This instant is none that a timestamp can name.", hint: "Give the time of now.", field: "at",
                httpStatus: nil, requestId: nil, checkoutRequestId: nil, paymentId: nil, retryAfter: nil,
                retryable: false, causes: []))
    }
    return try translating { try nativePassword(shortCode: shortCode, passKey: passKey, at: instant) }
}
