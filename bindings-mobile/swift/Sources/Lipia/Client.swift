import Foundation

/// One merchant at one gateway: what ``Daraja``, ``PalPluss``, ``UpesiPay`` and ``PayHero`` have in common.
///
/// Making a client starts nothing, and does not ask for the credentials. A client can be used from any task. Keep it for as
/// long as the app lives: it holds the gateway's token, and the payments whose callers went away.
///
/// **Cancelling a task never loses a payment.** A call whose task is cancelled throws `CancellationError` at once. A push
/// that is in flight goes on, and ``unclaimed()`` hands out its payment.
// Its state never changes, and only this module can make a subclass: the initializer is internal.
public class Client: @unchecked Sendable, CustomStringConvertible {
    let native: NativeClient

    init(
        _ gateway: NativeGateway, _ settings: ClientSettings, _ credentials: any CredentialsProvider,
        _ ledger: Ledger?
    ) throws {
        let file = try ledger?.opened()
        native = try translating {
            try NativeClient(
                gateway: gateway, settings: settings, credentials: AskedProvider(credentials), ledger: file)
        }
    }

    /// The gateway that the client speaks to.
    public var gateway: GatewayName { native.gateway }

    /// The client's gateway. It has no secret.
    public var description: String { "Client(gateway=\(gateway.word))" }

    // MARK: Selling

    /// Prompts a phone once, and returns the gateway's acceptance, which is **not** a payment. A callback,
    /// `wait(_:wait:)` or ``ask(_:timeout:)`` tells the outcome.
    ///
    /// ```swift
    /// let acceptance = try await daraja.stkPush(
    ///     StkPush(phoneNumber: "0712 345 678", amount: 150, accountReference: "INV-1"))
    /// ```
    ///
    /// - Parameters:
    ///   - push: the payer, the amount and the reference.
    ///   - timeout: seconds for this call. Default: the client's, 30.
    /// - Throws: ``LipiaError``. Where its `disposition` is `unknown`, a phone may have been prompted, and its `payment` is the
    ///   one to wait for: never push again. `CancellationError` where the task is cancelled.
    public func stkPush(_ push: StkPush, timeout: TimeInterval? = nil) async throws -> Acceptance {
        try await selling(push, timeout, nil) { try await $0.push(cancellation: $1) }
    }

    /// Prompts a phone once and waits for the outcome. Where the push's answer is lost, the wait goes on, because the
    /// callback still names the payment.
    ///
    /// ```swift
    /// let payment = try await daraja.collect(
    ///     StkPush(phoneNumber: "0712 345 678", amount: 150, accountReference: "INV-1"))
    /// print(payment.isPaid ? "Paid" : payment.describe().customerMessageEn)
    /// ```
    ///
    /// - Parameters:
    ///   - push: the payer, the amount and the reference.
    ///   - wait: the times of the wait. Default: the client's, 120 seconds in all.
    ///   - timeout: seconds for the push itself. Default: the client's, 30.
    /// - Returns: the payment after the wait: settled, or still open when the time is up. Look at its `outcome`.
    /// - Throws: as ``stkPush(_:timeout:)``.
    public func collect(
        _ push: StkPush, wait: WaitOptions? = nil, timeout: TimeInterval? = nil
    ) async throws -> Payment {
        try await selling(push, timeout, wait) { try await $0.collect(cancellation: $1) }
    }

    /// Runs a call that makes its own payment. The payment becomes unclaimed unless its caller gets the result, or the
    /// error that has the payment.
    private func selling<Value: Sendable>(
        _ push: StkPush, _ timeout: TimeInterval?, _ wait: WaitOptions?,
        _ call: @escaping @Sendable (NativeUnclaimedPayment, NativeCancellation) async throws -> Value
    ) async throws -> Value {
        let sale = try translating { try native.reserveUnclaimed(push: push, timeout: timeout, wait: wait) }
        let result: Value
        do {
            result = try await translating(native) { try await call(sale, $0) }
        } catch let error as LipiaError {
            if !Task.isCancelled { sale.told() }
            throw error
        }
        // A caller that was cancelled by now may not take the result.
        try Task.checkCancellation()
        sale.told()
        return result
    }

    // MARK: Selling step by step

    /// Makes a payment with its own id and its own callback URL. The push is checked, and nothing is sent.
    ///
    /// To survive a crash, call `begin()` and save the payment before you ``push(_:timeout:)`` it. An app that reads the
    /// payment later then knows that the phone may have been prompted. ``request(_:order:timeout:)`` does all of that by itself.
    ///
    /// ```swift
    /// let handle = try daraja.reserve(push)
    /// try handle.begin()
    /// try handle.toJson().write(to: file, atomically: true, encoding: .utf8)
    /// let acceptance = try await daraja.push(handle)
    /// ```
    ///
    /// - Throws: ``LipiaError``: an argument is not valid; `field` names it.
    public func reserve(_ push: StkPush) throws -> PaymentHandle {
        try translating { try native.reserve(push: push) }
    }

    /// Pushes a reserved payment. The result is written into the payment, also where the caller no longer waits for it. A
    /// payment that may have been pushed before is refused.
    ///
    /// ```swift
    /// let acceptance = try await daraja.push(handle)
    /// ```
    ///
    /// - Parameters:
    ///   - payment: the reserved payment.
    ///   - timeout: seconds for this call. Default: the client's, 30.
    /// - Throws: ``LipiaError``, `CancellationError`. The payment says how far it has come.
    @discardableResult
    public func push(_ payment: PaymentHandle, timeout: TimeInterval? = nil) async throws -> Acceptance {
        let native = native
        return try await translating(native) {
            try await native.push(payment: payment, timeout: timeout, cancellation: $0)
        }
    }

    /// Waits for the outcome of a payment, and pushes it first where it was only reserved.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func collect(_ payment: PaymentHandle, wait: WaitOptions? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.collectPayment(payment: payment, wait: wait, cancellation: $0)
        }
    }

    // MARK: Learning the outcome

    /// Asks the gateway about a payment now, and writes the answer into the payment. Prompts nobody.
    ///
    /// A settled payment can be asked about too: a failure that only says "nobody answered" may turn out to be a success,
    /// and that is money. The payment's `lookAgainAt` says when to ask again. Gateways dislike more than one question about
    /// a payment within about ten seconds.
    ///
    /// ```swift
    /// let payment = try await daraja.ask(handle)
    /// print(payment.outcome.word)
    /// ```
    ///
    /// - Parameters:
    ///   - payment: the payment to ask about.
    ///   - timeout: seconds for this call. Default: the client's, 30.
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func ask(_ payment: PaymentHandle, timeout: TimeInterval? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.ask(payment: payment, timeout: timeout, cancellation: $0)
        }
    }

    /// Asks the gateway for the status of a prompt, by the acceptance's id for queries.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func stkQuery(_ acceptance: Acceptance, timeout: TimeInterval? = nil) async throws -> Status {
        try await stkQuery(acceptance.id, timeout: timeout)
    }

    /// Asks the gateway for the status of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one
    /// question within about ten seconds. "Still processing" and "no information" are answers, not errors: `pending` and
    /// `unknown`.
    ///
    /// - Parameters:
    ///   - checkoutRequestId: the prompt's id, from the acceptance.
    ///   - timeout: seconds for this call. Default: the client's, 30.
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func stkQuery(_ checkoutRequestId: String, timeout: TimeInterval? = nil) async throws -> Status {
        let native = native
        return try await translating(native) {
            try await native.stkQuery(checkoutRequestId: checkoutRequestId, timeout: timeout, cancellation: $0)
        }
    }

    /// Waits until a payment is settled or the time is up, and asks the gateway now and then. A callback that settles the
    /// payment ends the wait at once (``receiveCallback(path:body:peer:forwardedFor:confirm:)``).
    ///
    /// ```swift
    /// let payment = try await daraja.wait(handle, wait: WaitOptions(timeout: 60))
    /// ```
    ///
    /// - Parameters:
    ///   - payment: the payment to wait for.
    ///   - wait: the times of the wait. Default: the client's, 120 seconds in all.
    /// - Returns: the payment after the wait: settled, or still open when the time is up. An open payment may yet be paid: wait
    ///   again later, and do not push again.
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func wait(_ payment: PaymentHandle, wait: WaitOptions? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.waitFor(payment: payment, wait: wait, cancellation: $0)
        }
    }

    /// Waits for the outcome of a prompt of which only the id is known. This wait learns from queries alone, not from
    /// callbacks.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func wait(_ checkoutRequestId: String, wait: WaitOptions? = nil) async throws -> Status {
        let native = native
        return try await translating(native) {
            try await native.waitById(checkoutRequestId: checkoutRequestId, wait: wait, cancellation: $0)
        }
    }

    /// Waits for the outcome of a prompt, by the acceptance's id for queries.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func wait(_ acceptance: Acceptance, wait: WaitOptions? = nil) async throws -> Status {
        try await self.wait(acceptance.id, wait: wait)
    }

    /// Waits for a payment, and yields what happens meanwhile. The last element is ``PaymentProgress/settled(_:)`` or
    /// ``PaymentProgress/timedOut(_:)``.
    ///
    /// ```swift
    /// for try await progress in daraja.watch(payment) {
    ///     switch progress {
    ///     case .queried(let elapsed, let status): show("\(Int(elapsed)) s: \(status.outcome.word)")
    ///     case .settled(let payment): show(payment.isPaid ? "Paid" : "Not paid")
    ///     default: break
    ///     }
    /// }
    /// ```
    public func watch(_ payment: PaymentHandle, wait: WaitOptions? = nil) -> PaymentWatch {
        PaymentWatch(client: native, payment: payment, wait: wait)
    }

    // MARK: Finding payments again

    /// Makes a live payment of a saved one, in this process or another. Prompts nobody. A payment that was saved while its
    /// push was being sent may have reached the customer: it is `unknown`, and is never pushed again.
    ///
    /// - Throws: ``LipiaError``: the payment is another gateway's.
    public func resume(_ payment: Payment) throws -> PaymentHandle {
        try resume(json: payment.toJson())
    }

    /// Makes a live payment of the text of its `toJson()`. See ``resume(_:)``.
    ///
    /// ```swift
    /// let payment = try await daraja.wait(daraja.resume(json: savedText))
    /// ```
    ///
    /// - Throws: ``LipiaError``: the text is not a payment, or the payment is another gateway's.
    public func resume(json: String) throws -> PaymentHandle {
        try translating { try native.resume(json: json) }
    }

    /// The live payment with this id, or `nil` where this client does not hold it.
    ///
    /// - Throws: ``LipiaError``: the text is not a payment's id.
    public func find(_ id: String) throws -> PaymentHandle? {
        try translating { try native.find(id: id) }
    }

    /// Live payments that may yet be paid and whose callers went away. Each is handed out once, and none is dropped. Find
    /// out what became of such a payment before you prompt the customer again.
    ///
    /// A result that was returned counts as delivered. Where you drop results yourself, as in a race against a timeout of
    /// your own, ``reserve(_:)`` first and keep the payment.
    ///
    /// ```swift
    /// for handle in daraja.unclaimed() { print(try await daraja.ask(handle).outcome.word) }
    /// ```
    public func unclaimed() -> [PaymentHandle] {
        native.unclaimed()
    }

    // MARK: Callbacks

    /// Reads the body of a callback of this gateway. An event is data, not proof:
    /// ``receiveCallback(path:body:peer:forwardedFor:confirm:)`` verifies it.
    ///
    /// - Throws: ``LipiaError`` with the remedy `disbelieve`: the body is not a callback of this gateway.
    public func parseCallback(_ body: Data) throws -> Event {
        try translating { try native.parseCallback(body: body) }
    }

    /// Verifies a callback and applies it to its payment: checks the token in the URL, the body, and whether the body fits the
    /// payment that the token names. A wait for that payment ends at once.
    ///
    /// A gateway cannot post to a phone, which has no public address. This is for callbacks that the merchant's server
    /// passes on, and for a till that has an address of its own.
    ///
    /// ```swift
    /// let received = try await daraja.receiveCallback(path: path, body: body)
    /// ```
    ///
    /// - Parameters:
    ///   - path: the path of the request, or its whole URL.
    ///   - body: the body of the request, unchanged.
    ///   - peer: the address of the other end of the connection. Needed only where source addresses are checked.
    ///   - forwardedFor: the values of the `X-Forwarded-For` headers, in order.
    ///   - confirm: whether a success is believed only after a query confirms it.
    /// - Throws: ``LipiaError``, mostly with the remedy `disbelieve`: nothing was believed. `CancellationError`.
    public func receiveCallback(
        path: String, body: Data, peer: String? = nil, forwardedFor: [String] = [], confirm: Bool = false
    ) async throws -> ReceivedCallback {
        let native = native
        return try await translating(native) {
            try await native.receiveCallback(
                path: path, body: body, peer: peer, forwardedFor: forwardedFor, confirm: confirm, cancellation: $0)
        }
    }

    /// Applies an event that came on a payment's own URL to that payment, and returns the verdict. For a payment that was
    /// loaded from storage and resumed after its callback came.
    ///
    /// - Parameters:
    ///   - payment: the payment on whose URL the event came.
    ///   - event: the parsed callback: see ``parseCallback(_:gateway:)``.
    ///   - confirm: whether a success is believed only after a query confirms it.
    /// - Throws: ``LipiaError``: the event's body is not a callback. `CancellationError`.
    @discardableResult
    public func believe(_ payment: PaymentHandle, _ event: Event, confirm: Bool = false) async throws -> Verdict {
        let native = native
        return try await translating(native) {
            try await native.believe(payment: payment, event: event, confirm: confirm, cancellation: $0)
        }
    }

    // MARK: Ending

    /// Whether nothing of this client is in flight: neither a push nor a request for a token.
    public var isAtRest: Bool { native.isAtRest }

    /// Waits for pushes and requests for tokens that are in flight. Call it before the app is suspended. It does not wait
    /// for running waits and queries, which belong to their callers.
    ///
    /// - Throws: `CancellationError`.
    public func drain() async throws {
        let native = native
        try await translating(native) { try await native.drain(cancellation: $0) }
    }

    /// Wipes credentials and token from memory. The next call asks the provider again.
    public func forgetCredentials() {
        native.forgetCredentials()
    }
}
