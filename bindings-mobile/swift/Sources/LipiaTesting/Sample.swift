import Foundation
import Lipia

extension Payment {
    /// A payment as a gateway would have left it, for a client that is faked in a test. Nothing is sent, and the id is a new one.
    ///
    /// ```swift
    /// let payment = try Payment.sample(push, outcome: .success, receipt: "UAB1CD2EF3", order: "table-9-lunch")
    /// ```
    ///
    /// - Parameters:
    ///   - push: the payer, the amount and the reference.
    ///   - outcome: what came of it. `pending` is one that the customer is being asked for, `unknown` one whose answer was lost.
    ///   - receipt: M-Pesa's receipt of one that is paid. `nil` is one that is paid and whose receipt is not known, as after a
    ///     query of Daraja's. Other outcomes have none.
    ///   - order: the app's own name for the sale.
    ///   - isExisting: whether the order had the payment already when it was requested.
    /// - Throws: `LipiaError`: the push is not valid. ``SandboxFailure``: the receipt is not one.
    public static func sample(
        _ push: StkPush, outcome: Outcome = .success, receipt: String? = "UAB1CD2EF3", order: String? = nil,
        isExisting: Bool = false
    ) throws -> Payment {
        let client = try Daraja(
            credentials: CredentialsSource { try SandboxKeys.daraja() },
            settings: ClientSettings(
                environment: .sandbox, baseUrl: "http://127.0.0.1:9", callbackUrl: "http://127.0.0.1:9/pay"))
        let handle = try client.reserve(push)
        try handle.begin()
        switch outcome {
        case .unknown:
            // As it is read after a crash.
            return try client.resume(Payment(json: handle.toJson())).snapshot().ofOrder(
                order, orderIsPaid: false, isExisting: isExisting, state: .unknown, outcome: .unknown)
        case .pending:
            return handle.snapshot().ofOrder(
                order, orderIsPaid: false, isExisting: isExisting, state: .accepted, outcome: .pending)
        case .success:
            try handle.notify(
                parseCallback(callback(of: push, code: "0", receipt: receipt ?? "UAB1CD2EF3"), gateway: .daraja))
            guard handle.snapshot().isPaid else {
                throw SandboxFailure(
                    "\"\(receipt ?? "")\" is not a receipt: give one such as UAB1CD2EF3, or nil where it is not known")
            }
            let paid = receipt == nil ? try handle.snapshot().replacing(["receipt": .null]) : handle.snapshot()
            return paid.ofOrder(order, orderIsPaid: true, isExisting: isExisting)
        default:
            if let row = resultCodes().first(where: { $0.outcome == outcome && $0.code != "*" }) {
                try handle.notify(
                    parseCallback(callback(of: push, code: row.code, receipt: ""), gateway: .daraja))
                return handle.snapshot().ofOrder(order, orderIsPaid: false, isExisting: isExisting)
            }
            // Outcomes that other gateways tell, without a code.
            try handle.notify(parseCallback(callback(of: push, code: "1", receipt: ""), gateway: .daraja))
            return try handle.snapshot().replacing(["outcome": .text(outcome.word), "result_code": .null])
                .ofOrder(order, orderIsPaid: false, isExisting: isExisting)
        }
    }

    /// The payment with other values in its JSON.
    private func replacing(_ members: [String: JSON]) throws -> Payment {
        let saved = try JSON(Data(toJson().utf8)).members.merging(members) { _, new in new }
        return try Payment(json: String(decoding: JSON.object(saved).data, as: UTF8.self))
    }
}

extension LipiaError {
    /// An error as a call would throw it, for a client that is faked in a test.
    ///
    /// - Parameters:
    ///   - remedy: what to do next.
    ///   - disposition: what it says about the customer's money.
    ///   - kind: the kind of trouble.
    ///   - code: the gateway's own code, or one of Lipia's words.
    ///   - field: the argument or setting that is at fault.
    ///   - retryable: whether it is safe to send again.
    public static func sample(
        _ remedy: Remedy, _ disposition: Disposition, kind: ErrorKind = .providerError, code: String = "sample",
        field: String? = nil, retryable: Bool = false
    ) -> LipiaError {
        LipiaError(
            details: ErrorDetails(
                kind: kind, disposition: disposition, remedy: remedy, code: code, message: "A sample of an error.",
                hint: nil, field: field, httpStatus: nil, requestId: nil, checkoutRequestId: nil, paymentId: nil,
                retryAfter: nil, retryable: retryable, causes: []))
    }
}

/// The body of Daraja's callback for a push.
private func callback(of push: StkPush, code: String, receipt: String) throws -> Data {
    let items: [[String: JSON]] = [
        ["Name": .text("Amount"), "Value": .text(push.amount)],
        ["Name": .text("MpesaReceiptNumber"), "Value": .text(receipt)],
        ["Name": .text("PhoneNumber"), "Value": .text(try parsePhoneNumber(push.phoneNumber).number)],
    ]
    var told: [String: JSON] = [
        "MerchantRequestID": .text("sample"), "CheckoutRequestID": .text("ws_CO_sample"), "ResultCode": .text(code),
        "ResultDesc": .text("A sample."),
    ]
    if code == "0" { told["CallbackMetadata"] = .object(["Item": .list(items.map(JSON.object))]) }
    return try JSON.object(["Body": .object(["stkCallback": .object(told)])]).data
}
