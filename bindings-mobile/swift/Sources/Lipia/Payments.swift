import Foundation

/// A person's decision about a payment that is open, by what the merchant's statement shows: see
/// ``Payments/resolve(_:_:)``.
public enum Resolution: Hashable, Sendable {
    /// The money came. `receipt` is M-Pesa's, as the statement has it.
    case paid(receipt: String)
    /// The money did not come.
    case notPaid
}

/// The payments of a client's ledger: looking them up, and what a person does about them. Made by ``Client/payments``.
///
/// ```swift
/// for payment in try await daraja.payments.ofOrder("table-9-lunch") { print(payment.id, payment.outcome) }
/// ```
///
/// Every call throws a ``LipiaError`` whose code begins with `ledger_` where the file cannot be used.
public struct Payments: Sendable {
    let native: NativeClient

    /// The payment with this id.
    ///
    /// - Parameter id: the payment's id, or its beginning, at least 8 digits that no other payment's id begins with.
    /// - Throws: ``LipiaError``: there is no such payment, or more than one (`payment_not_in_ledger`).
    public func get(_ id: String) async throws -> Payment {
        let native = native
        return try await translating(native) { _ in try await native.ledgerPayment(id: id) }
    }

    /// The payments of an order, the newest first.
    public func ofOrder(_ order: String) async throws -> [Payment] {
        let native = native
        return try await translating(native) { _ in try await native.paymentsOfOrder(order: order) }
    }

    /// A page of payments that fit every filter, the newest first.
    ///
    /// ```swift
    /// let page = try await daraja.payments.search(PaymentSearch(state: .unknown))
    /// if let next = page.next { show(try await daraja.payments.search(PaymentSearch(state: .unknown), page: next)) }
    /// ```
    ///
    /// - Parameters:
    ///   - search: the filters. Default: all payments.
    ///   - page: the `next` of the page before. Default: the first page.
    ///   - limit: the most payments of a page, at least 1.
    public func search(
        _ search: PaymentSearch = PaymentSearch(), page: Int64? = nil, limit: Int = 50
    ) async throws -> PaymentPage {
        if let since = search.since { try Instants.check(since, field: "since") }
        let native = native
        let limit = UInt32(clamping: max(limit, 1))
        return try await translating(native) { _ in
            try await native.searchPayments(search: search, page: page, limit: limit)
        }
    }

    /// Everything that the ledger has of a payment: its callbacks, how often the gateway was asked and the app told, the other
    /// payments of its order. It holds the customer's phone number.
    ///
    /// - Throws: as ``get(_:)``.
    public func story(_ id: String) async throws -> PaymentStory {
        let native = native
        return try await translating(native) { _ in try await native.paymentStory(id: id) }
    }

    /// Asks the gateway about a payment now, and writes what is learnt. Prompts nobody.
    ///
    /// ```swift
    /// let payment = try await daraja.payments.ask(unknown.id)
    /// ```
    ///
    /// - Parameters:
    ///   - id: as in ``get(_:)``.
    ///   - timeout: seconds for the call. Default: the client's, 30.
    /// - Throws: ``LipiaError``: as ``get(_:)``; no id is known to ask by, so that only the callback or the statement can tell
    ///   (the remedy `lookAtPayment`); or the question could not be asked, or its answer was not understood.
    ///   `CancellationError`.
    public func ask(_ id: String, timeout: TimeInterval? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.askPayment(id: id, timeout: timeout, cancellation: $0)
        }
    }

    /// Gives up an order, so that it can be requested again although its payment may still be paid: the customer may be
    /// prompted twice, and may pay twice. A success that is learnt later is still written, and told.
    ///
    /// - Returns: the payment that held the order.
    /// - Throws: ``LipiaError``: no payment holds it (`order_not_held`), or a push for it is being sent (`order_in_flight`).
    @discardableResult
    public func release(_ order: String) async throws -> Payment {
        let native = native
        return try await translating(native) { _ in try await native.releaseOrder(order: order) }
    }

    /// Settles a payment that is open as a person decided who has seen the merchant's statement. ``Client/outcomes`` tells it.
    ///
    /// A payment that is resolved as not paid within 90 seconds of its push holds its order until `orderFreeAt`, because the
    /// customer may still pay. The gateway is asked again, and a success that it tells later is told.
    ///
    /// ```swift
    /// try await daraja.payments.resolve("0c51c758", .paid(receipt: "UAB1CD2EF3"))
    /// ```
    ///
    /// - Parameters:
    ///   - id: as in ``get(_:)``.
    ///   - resolution: paid with the receipt of the statement, or not paid.
    /// - Throws: ``LipiaError``: the payment is settled, or is being sent (`payment_not_open`); another payment has the receipt
    ///   (`receipt_taken`), whose id is the error's `paymentId`; the text is not a receipt (`receipt_unreadable`); or as
    ///   ``get(_:)``.
    @discardableResult
    public func resolve(_ id: String, _ resolution: Resolution) async throws -> Payment {
        let native = native
        let receipt: String? =
            switch resolution {
            case .paid(let receipt): receipt
            case .notPaid: nil
            }
        return try await translating(native) { _ in try await native.resolvePayment(id: id, receipt: receipt) }
    }

    /// Has ``Client/outcomes`` tell a payment once more: where the app took the news and lost it, say.
    ///
    /// - Throws: ``LipiaError``: there is nothing to tell while the payment is open or was not sent (`nothing_to_tell`).
    @discardableResult
    public func retell(_ id: String) async throws -> Payment {
        let native = native
        return try await translating(native) { _ in try await native.retellPayment(id: id) }
    }

    /// One pass over the ledger: pushes that were cut off by the end of the app become `unknown`, the gateway is asked what is
    /// due, and who loops over ``Client/outcomes`` is told what is owed. Where somebody loops, this happens by itself. For a
    /// job of the system's that runs now and then, such as a background refresh.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    @discardableResult
    public func reconcile() async throws -> Reconciled {
        let native = native
        return try await translating(native) { try await native.reconcile(cancellation: $0) }
    }

    /// Deletes the personal data of payments that have been settled and acknowledged for that long: phone numbers, references,
    /// the bodies of callbacks. Order, outcome, amount, receipt and times stay, so that a paid order stays paid. What is open,
    /// `unknown` or still to be told is left as it is.
    ///
    /// ```swift
    /// try await daraja.payments.prune(olderThan: 90 * 24 * 3600)
    /// ```
    ///
    /// - Parameters:
    ///   - olderThan: the age in seconds.
    ///   - dryRun: whether it is only counted what would be done.
    /// - Throws: ``LipiaError``: the age is not one (`field` is `olderThan`).
    @discardableResult
    public func prune(olderThan: TimeInterval, dryRun: Bool = false) async throws -> Pruned {
        // What is not a number would be taken for 0: everything.
        guard olderThan >= 0 else {
            throw LipiaError.here(
                .invalidInput, .correctInput, "time_not_valid", "This is not an age in seconds.",
                "Give the seconds as 0 or more.", field: "olderThan")
        }
        let native = native
        return try await translating(native) { _ in
            try await native.prunePayments(olderThan: olderThan, dryRun: dryRun)
        }
    }

    /// Takes a payment into the ledger that the app kept as JSON: the way from a store of the app's own. May be repeated.
    ///
    /// ```swift
    /// try await daraja.payments.take(json: savedText, order: "table-9-lunch")
    /// ```
    ///
    /// - Parameters:
    ///   - json: the text of the payment's `toJson()`.
    ///   - order: the order that the payment is for. It holds the order where it is paid or may yet be, unless another one does.
    ///   - tell: whether an outcome that is known already is told.
    /// - Throws: ``LipiaError``: the text is not a payment, or the payment is another gateway's.
    @discardableResult
    public func take(json: String, order: String? = nil, tell: Bool = false) async throws -> ImportedPayment {
        let native = native
        return try await translating(native) { _ in
            try await native.importPayment(json: json, order: order, tell: tell)
        }
    }

    /// The ledger's report on itself: where it is, whether it is damaged, how many payments are open. The whole file is read.
    public func report() async throws -> LedgerReport {
        let native = native
        return try await translating(native) { _ in try await native.ledgerReport() }
    }
}
