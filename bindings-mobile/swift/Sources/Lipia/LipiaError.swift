import Foundation

/// A failed call: it could not be made, or its answer was not understood. A customer who cancels is an ``Outcome``, not an
/// error.
///
/// Switch on `remedy`, which says what to do next. `disposition` says what the error means for the customer's money. No
/// error holds a secret.
///
/// ```swift
/// do {
///     let acceptance = try await daraja.stkPush(push)
/// } catch let error as LipiaError {
///     switch error.remedy {
///     case .correctInput: show(error.localizedDescription, at: error.field)
///     case .tryAgain, .holdBack: offerToTryAgain(after: error.retryAfter)
///     case .findOut: watch(error.payment)  // The customer may have been prompted: never push again.
///     default: report(error)
///     }
/// }
/// ```
public struct LipiaError: LocalizedError, Equatable, Sendable, CustomStringConvertible {
    /// All fields of the error, as data.
    package let details: ErrorDetails

    /// The live payment that the error concerns, where the client holds it. With the remedy `findOut` it is the payment to
    /// wait for, with `lookAtPayment` the payment that was pushed before.
    public let payment: PaymentHandle?

    package init(details: ErrorDetails, payment: PaymentHandle? = nil) {
        self.details = details.inSwift
        self.payment = payment
    }

    /// An error that is found on this side of the border, before anything was sent.
    static func here(
        _ kind: ErrorKind, _ remedy: Remedy, _ code: String, _ message: String, _ hint: String, field: String
    ) -> LipiaError {
        LipiaError(
            details: ErrorDetails(
                kind: kind, disposition: .notSent, remedy: remedy, code: code, message: message, hint: hint,
                field: field, httpStatus: nil, requestId: nil, checkoutRequestId: nil, paymentId: nil,
                retryAfter: nil, retryable: false, causes: []))
    }

    /// Compares two errors by all their fields.
    public static func == (one: LipiaError, other: LipiaError) -> Bool { one.details == other.details }

    /// The id of the payment that the error concerns.
    public var paymentId: String? { details.paymentId }

    /// What to do next: a closed list.
    public var remedy: Remedy { details.remedy }

    /// What the error says about the customer's money.
    public var disposition: Disposition { details.disposition }

    /// The kind of trouble.
    public var kind: ErrorKind { details.kind }

    /// The gateway's own code (`500.001.1001`) where there is one, else one of Lipia's words (`phone_too_short`).
    public var code: String { details.code }

    /// What happened, without the hint.
    public var message: String { details.message }

    /// What to do next, in a sentence.
    public var hint: String? { details.hint }

    /// The argument or setting that is at fault, by its name in Swift: `phoneNumber`.
    public var field: String? { details.field }

    /// The HTTP status of the gateway's answer, where there was one.
    public var httpStatus: Int? { details.httpStatus }

    /// The gateway's id for the request, which its support desk asks for.
    public var requestId: String? { details.requestId }

    /// The prompt's id, where the error concerns a prompt that has one. It embeds the payer's phone number.
    public var checkoutRequestId: String? { details.checkoutRequestId }

    /// The seconds to wait before trying again, where that is known.
    public var retryAfter: TimeInterval? { details.retryAfter }

    /// Whether it is **safe to send again**: no phone was prompted, and time alone may mend the trouble.
    public var retryable: Bool { details.retryable }

    /// The underlying errors, nearest first.
    public var causes: [String] { details.causes }

    /// What happened and what to do next, in sentences for a person.
    public var description: String { details.description }

    /// What happened, and what to do next.
    public var errorDescription: String? { details.description }

    /// The nearest underlying error.
    public var failureReason: String? { details.causes.first }

    /// What to do next.
    public var recoverySuggestion: String? { details.hint }
}

extension ErrorDetails {
    /// The error in Swift's words: what the core calls `fit = truncate` is `fit: .truncate` here.
    var inSwift: ErrorDetails {
        ErrorDetails(
            kind: kind, disposition: disposition, remedy: remedy, code: code, message: spelled(message),
            hint: hint.map(spelled), field: field, httpStatus: httpStatus, requestId: requestId,
            checkoutRequestId: checkoutRequestId, paymentId: paymentId, retryAfter: retryAfter, retryable: retryable,
            causes: causes)
    }
}

/// A sentence of both phone languages, with its arguments as Swift writes them.
private func spelled(_ sentence: String) -> String {
    let parts = sentence.components(separatedBy: "` set to `")
    return parts.dropFirst().reduce(parts[0]) { before, value in
        let isFlag = value.hasPrefix("true`") || value.hasPrefix("false`")
        return before + (isFlag ? ": " : ": .") + value
    }
}

/// The error that a caller catches, for one that the border throws.
///
/// - Parameter client: the client that may hold the payment that an error concerns.
func translated(_ error: any Error, _ client: NativeClient? = nil) -> any Error {
    switch error {
    case NativeError.Failed(let details):
        LipiaError(details: details, payment: details.paymentId.flatMap { id in try? client?.find(id: id) })
    case NativeError.Cancelled: CancellationError()
    default: error
    }
}

/// Runs a call of the native library that ends at once.
func translating<Value>(_ client: NativeClient? = nil, _ call: () throws -> Value) throws -> Value {
    do { return try call() } catch { throw translated(error, client) }
}
