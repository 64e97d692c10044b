import Foundation

/// One order, one payment: what a client does with its ledger.
extension Client {
    /// Requests the payment of an order: claims the order in the ledger, then prompts the phone. An order that has a payment
    /// already gets that one while it is paid or may yet be paid, and nobody is prompted: a button that is tapped twice and a
    /// till that was killed charge once. ``outcomes`` tells what became of it.
    ///
    /// ```swift
    /// let payment = try await daraja.request(
    ///     StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "TABLE-9"), order: "table-9-lunch")
    /// if payment.isPaid {
    ///     show("Paid already, receipt \(payment.receipt ?? "on the statement").")
    /// } else if payment.state == .settled {
    ///     show("Not paid.")  // the order is held until `orderFreeAt`
    /// } else if payment.isExisting {
    ///     show("This sale is in flight.")
    /// }
    /// ```
    ///
    /// An order whose payment failed can be requested again, at the earliest at the payment's `orderFreeAt` where it has one.
    ///
    /// - Parameters:
    ///   - push: the payer, the amount and the reference.
    ///   - order: the app's own name for the sale, at most 128 characters. Without one each call is a sale of its own.
    ///   - timeout: seconds for this call. Default: the client's, 30.
    /// - Returns: the payment, with its `order`. `isExisting` where the order had it already.
    /// - Throws: ``LipiaError``. Where its `disposition` is `unknown`, a phone may have been prompted: request the order again, which
    ///   prompts nobody. `order_asked_differently` and `order_paid_differently`: the order's payment, which `paymentId` names, is
    ///   one of another amount or phone. A code that begins with `ledger_`: the file cannot be used, and nobody was prompted.
    ///   `CancellationError` where the task is cancelled: a prompt that was on its way goes on.
    public func request(_ push: StkPush, order: String? = nil, timeout: TimeInterval? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.request(push: push, order: order, timeout: timeout, cancellation: $0)
        }
    }

    /// Requests the payment of an order, as ``request(_:order:timeout:)``, and waits for the outcome.
    ///
    /// ```swift
    /// let payment = try await daraja.collect(
    ///     StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "TABLE-9"), order: "table-9-lunch")
    /// print(payment.isPaid ? "Paid" : payment.describe().customerMessageEn)
    /// ```
    ///
    /// - Parameters:
    ///   - push: the payer, the amount and the reference.
    ///   - order: the app's own name for the sale, at most 128 characters.
    ///   - wait: the times of the wait. Default: the client's, 120 seconds in all.
    /// - Returns: the payment after the wait: settled, or still open when the time is up. Look at its `outcome`.
    /// - Throws: as ``request(_:order:timeout:)``.
    public func collect(_ push: StkPush, order: String, wait: WaitOptions? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.collectOrder(push: push, order: order, wait: wait, cancellation: $0)
        }
    }

    /// What became of the payments of the ledger, each told until it is acknowledged with ``Telling/done()``: by this process or
    /// the next, at least once after the last change, and never of what is not true any more. While a loop over it runs, the
    /// ledger is reconciled in the background: pushes that were cut off by the end of the app are found out about.
    ///
    /// ```swift
    /// let telling = Task {
    ///     for await outcome in daraja.outcomes {
    ///         show(outcome.payment)
    ///         _ = try? await outcome.done()  // where the disk is full, it is told again
    ///     }
    /// }
    /// ```
    public var outcomes: Outcomes { Outcomes(native) }

    /// Ends every loop over ``outcomes``, and with them the background work. What is owed stays in the ledger.
    public func stop() {
        native.stopListening()
    }

    /// The payments of the ledger: looking them up, and what a person does about them.
    public var payments: Payments { Payments(native: native) }
}
