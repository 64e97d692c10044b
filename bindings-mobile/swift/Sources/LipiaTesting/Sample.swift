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
    ///   - receipt: M-Pesa's receipt of one that is paid.
    ///   - order: the app's own name for the sale.
    ///   - isExisting: whether the order had the payment already when it was requested.
    /// - Throws: `LipiaError`: the push is not valid, or no code of M-Pesa has this outcome.
    public static func sample(
        _ push: StkPush, outcome: Outcome = .success, receipt: String = "UAB1CD2EF3", order: String? = nil,
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
            return try client.resume(Payment(json: handle.toJson())).snapshot().with(
                .unknown, .unknown, order, isExisting)
        case .pending:
            return handle.snapshot().with(.accepted, .pending, order, isExisting)
        default:
            guard let row = resultCodes().first(where: { $0.outcome == outcome && $0.code != "*" }) else {
                throw SandboxFailure("no code of M-Pesa has the outcome \(outcome.word)")
            }
            try handle.notify(parseCallback(callback(of: push, code: row.code, receipt: receipt), gateway: .daraja))
            return handle.snapshot().with(nil, nil, order, isExisting)
        }
    }

    /// The payment as a ledger would return it.
    private func with(_ state: PaymentState?, _ outcome: Outcome?, _ order: String?, _ isExisting: Bool) -> Payment {
        Payment(
            id: id, gateway: gateway, state: state ?? self.state, outcome: outcome ?? self.outcome, isPaid: isPaid,
            push: push, warnings: warnings, acceptance: acceptance, checkoutRequestId: checkoutRequestId,
            resultCode: resultCode, receipt: receipt, paidAmount: paidAmount, paidBy: paidBy, paidAt: paidAt,
            reservedAt: reservedAt, sentAt: sentAt, settledAt: settledAt, lookAgainAt: lookAgainAt,
            orderFreeAt: orderFreeAt, revision: revision, flags: flags, nativeLastError: nativeLastError, json: json,
            order: order, orderIsPaid: isPaid, isPaidTwice: false, isExisting: isExisting)
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
