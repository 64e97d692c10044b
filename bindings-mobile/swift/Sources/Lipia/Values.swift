import Foundation

/// Reads a Kenyan mobile number in any usual spelling.
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
/// ```swift
/// try parseAmount("1500.00")  // 1500
/// ```
///
/// - Parameters:
///   - text: plain digits, such as `1500` or `1500.00`. Separators of thousands, exponents and leading zeros are refused.
///   - maxAmount: the largest amount that is accepted, in whole KES. Default: 250,000, M-Pesa's own limit.
///   - roundAmount: whether a fraction of a shilling is rounded half up. By default it is refused.
/// - Throws: ``LipiaError`` whose `field` is `amount`.
public func parseAmount(_ text: String, maxAmount: Int? = nil, roundAmount: Bool = false) throws -> Int {
    try translating { try nativeParseAmount(text: text, maxAmount: maxAmount, roundAmount: roundAmount) }
}

/// Reads an amount of money in KES, to the cent.
///
/// - Parameters:
///   - text: the amount, with at most two decimals apart from trailing zeros.
///   - jsonNumber: whether the text is a JSON number, which may have an exponent.
/// - Throws: ``LipiaError`` whose `field` is `amount`.
public func parseMoney(_ text: String, jsonNumber: Bool = false) throws -> Decimal {
    try translating { try nativeParseMoney(text: text, jsonNumber: jsonNumber) }
}

/// Checks an account reference, the merchant's own reference for a sale. The customer sees it.
///
/// - Parameters:
///   - text: the reference.
///   - limit: the most characters. Default: Daraja's 12.
///   - fit: whether a text that is too long is refused or cut.
/// - Throws: ``LipiaError`` whose `field` is `accountReference`.
public func parseAccountReference(_ text: String, limit: Int? = nil, fit: Fit = .refuse) throws -> CheckedText {
    let limit = limit.map(UInt32.init(clamping:))
    return try translating { try nativeParseAccountReference(text: text, limit: limit, fit: fit) }
}

/// Checks the description of a sale.
///
/// - Parameters:
///   - text: the description.
///   - limit: the most characters. Default: Daraja's 13.
///   - fit: whether a text that is too long is refused or cut.
/// - Throws: ``LipiaError`` whose `field` is `transactionDesc`.
public func parseTransactionDesc(_ text: String, limit: Int? = nil, fit: Fit = .refuse) throws -> CheckedText {
    let limit = limit.map(UInt32.init(clamping:))
    return try translating { try nativeParseTransactionDesc(text: text, limit: limit, fit: fit) }
}

/// Checks a callback URL, to which a gateway posts results.
///
/// - Parameters:
///   - text: the URL.
///   - environment: how strictly it is checked: in production it must be `https` on a public host.
/// - Throws: ``LipiaError`` whose `field` is `callbackUrl`.
public func parseCallbackUrl(_ text: String, environment: GatewayEnvironment = .production) throws -> CheckedText {
    try translating { try nativeParseCallbackUrl(text: text, environment: environment) }
}

/// The password of a Daraja request at one instant, and the timestamp that goes with it, to compare with another program.
/// It is a secret.
///
/// - Throws: ``LipiaError`` whose `field` is `shortCode`, `passKey` or `at`.
public func password(shortCode: String, passKey: String, at instant: Date = Date()) throws -> TimedPassword {
    try Instants.check(instant, field: "at")
    return try translating { try nativePassword(shortCode: shortCode, passKey: passKey, at: instant) }
}

/// Instants that can cross the border. One that cannot would end the process there.
enum Instants {
    /// - Throws: ``LipiaError``: the instant is none that a payment can have; `field` names the argument.
    static func check(_ instant: Date, field: String) throws {
        guard abs(instant.timeIntervalSince1970) < 1e12 else {
            throw LipiaError.here(
                .invalidInput, .correctInput, "time_not_valid", "This instant is none that a timestamp can name.",
                "Give the time of now.", field: field)
        }
    }
}
