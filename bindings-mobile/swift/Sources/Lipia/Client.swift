import Foundation

/// One merchant at one gateway: what ``Daraja``, ``PalPluss``, ``UpesiPay`` and ``PayHero`` have in common.
///
/// Making one starts nothing and asks nobody for credentials. It can be used from any task, and is best kept for as long as
/// the app lives: it holds the gateway's token, and the payments whose callers went away.
///
/// **Cancelling a task never loses a payment.** A call whose task is cancelled throws `CancellationError` at once; a push
/// that was under way goes on, and ``unclaimed()`` hands out its payment.
// Nothing of it changes, and nobody else can make a subclass: the initializer is the module's own.
public class Client: @unchecked Sendable, CustomStringConvertible {
    let native: NativeClient

    init(
        _ gateway: NativeGateway, _ settings: ClientSettings, _ credentials: any CredentialsProvider,
        _ store: (any PaymentStore)?
    ) throws {
        native = try translating {
            try NativeClient(gateway: gateway, settings: settings, credentials: credentials, store: store)
        }
    }

    /// Which gateway it speaks to.
    public var gateway: GatewayName { native.gateway() }

    /// Without anything secret.
    public var description: String { "Client(gateway=\(gateway.word()))" }

    // MARK: Selling

    /// Prompts a customer's phone, and returns once the gateway has accepted that. **Not** a payment yet: ``wait(_:wait:)-(PaymentHandle,_)``,
    /// ``collect(_:wait:timeout:)`` or a callback tells the outcome.
    ///
    /// - Parameters:
    ///   - push: who pays how much for what.
    ///   - timeout: seconds for this call. Default: the client's.
    /// - Throws: ``LipiaError``. Where its `disposition` is `unknown` the customer may have been prompted, and its
    ///   `payment` is the one to wait for. `CancellationError` where the task is cancelled.
    public func stkPush(_ push: StkPush, timeout: TimeInterval? = nil) async throws -> Acceptance {
        try await selling(push, timeout, nil) { try await $0.push(cancellation: $1) }
    }

    /// Prompts a customer's phone and waits for the outcome.
    ///
    /// ```swift
    /// let payment = try await daraja.collect(
    ///     StkPush(phoneNumber: "0712 345 678", amount: 150, accountReference: "INV-1"))
    /// print(payment.isPaid ? "Paid" : payment.describe().customerMessageEn)
    /// ```
    ///
    /// - Parameters:
    ///   - push: who pays how much for what.
    ///   - wait: how long to wait, and how often to ask.
    ///   - timeout: seconds for the push itself. Default: the client's.
    /// - Returns: the payment as it is in the end: settled, or still open when the time is up. Look at its `outcome`.
    /// - Throws: as ``stkPush(_:timeout:)``.
    public func collect(
        _ push: StkPush, wait: WaitOptions? = nil, timeout: TimeInterval? = nil
    ) async throws -> Payment {
        try await selling(push, timeout, wait) { try await $0.collect(cancellation: $1) }
    }

    /// Runs a call that makes its own payment. The payment is among the unclaimed ones unless its caller gets the result, or
    /// the error that has the payment.
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
        // Whoever was cancelled by now may take no result.
        try Task.checkCancellation()
        sale.told()
        return result
    }

    // MARK: Selling step by step

    /// Makes a payment, and sends nothing. From here on it can be saved, and it is found again by its id.
    ///
    /// - Throws: ``LipiaError`` naming the argument that is not valid.
    public func reserve(_ push: StkPush) throws -> PaymentHandle {
        try translating { try native.reserve(push: push) }
    }

    /// Prompts the customer of a payment that was reserved. One that may have been pushed before is refused.
    ///
    /// - Parameter timeout: seconds for this call. Default: the client's.
    /// - Throws: ``LipiaError``, `CancellationError`. Whatever it is, the payment knows how far it came.
    @discardableResult
    public func push(_ payment: PaymentHandle, timeout: TimeInterval? = nil) async throws -> Acceptance {
        let native = native
        return try await translating(native) {
            try await native.push(payment: payment, timeout: timeout, cancellation: $0)
        }
    }

    /// Pushes a payment unless it was pushed before, and waits for its outcome.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func collect(_ payment: PaymentHandle, wait: WaitOptions? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.collectPayment(payment: payment, wait: wait, cancellation: $0)
        }
    }

    // MARK: Learning the outcome

    /// Asks the gateway about a payment now, and writes what is learnt into it. Prompts nobody. A payment that is settled is
    /// asked about as well: its `lookAgainAt` says when a failure is worth another look, and a success that is found so is
    /// money.
    ///
    /// ```swift
    /// let payment = try await daraja.ask(handle)
    /// ```
    ///
    /// - Parameter timeout: seconds for this call. Default: the client's.
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func ask(_ payment: PaymentHandle, timeout: TimeInterval? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.ask(payment: payment, timeout: timeout, cancellation: $0)
        }
    }

    /// Asks once what became of what the gateway accepted, by the id that this gateway is asked by.
    ///
    /// - Throws: as ``stkQuery(_:timeout:)-(String,_)``.
    public func stkQuery(_ acceptance: Acceptance, timeout: TimeInterval? = nil) async throws -> Status {
        try await stkQuery(acceptance.id, timeout: timeout)
    }

    /// Asks once what became of a prompt. While the customer is being asked that is `pending`.
    ///
    /// - Parameters:
    ///   - checkoutRequestId: from the acceptance.
    ///   - timeout: seconds for this call. Default: the client's.
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func stkQuery(_ checkoutRequestId: String, timeout: TimeInterval? = nil) async throws -> Status {
        let native = native
        return try await translating(native) {
            try await native.stkQuery(checkoutRequestId: checkoutRequestId, timeout: timeout, cancellation: $0)
        }
    }

    /// Waits for a payment's outcome: asks now and then, and hears at once of a callback that is taken in here.
    ///
    /// - Returns: the payment as it is in the end: settled, or still open when the time is up.
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func wait(_ payment: PaymentHandle, wait: WaitOptions? = nil) async throws -> Payment {
        let native = native
        return try await translating(native) {
            try await native.waitFor(payment: payment, wait: wait, cancellation: $0)
        }
    }

    /// Waits for a prompt of which nothing is known but its id.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func wait(_ checkoutRequestId: String, wait: WaitOptions? = nil) async throws -> Status {
        let native = native
        return try await translating(native) {
            try await native.waitById(checkoutRequestId: checkoutRequestId, wait: wait, cancellation: $0)
        }
    }

    /// Waits for what the gateway accepted, by the id that this gateway is asked by.
    ///
    /// - Throws: ``LipiaError``, `CancellationError`.
    public func wait(_ acceptance: Acceptance, wait: WaitOptions? = nil) async throws -> Status {
        try await self.wait(acceptance.id, wait: wait)
    }

    /// Waits for a payment, and tells what happens on the way. The last element is ``PaymentProgress/settled(_:)`` or
    /// ``PaymentProgress/timedOut(_:)``.
    ///
    /// ```swift
    /// for try await progress in daraja.watch(payment) {
    ///     switch progress {
    ///     case .queried(let elapsed, let status): show("\(Int(elapsed)) s: \(status.outcome.word())")
    ///     case .settled(let payment): show(payment.isPaid ? "Paid" : "Not paid")
    ///     default: break
    ///     }
    /// }
    /// ```
    public func watch(_ payment: PaymentHandle, wait: WaitOptions? = nil) -> PaymentWatch {
        PaymentWatch(client: native, payment: payment, wait: wait)
    }

    // MARK: Finding payments again

    /// Takes up a payment that was saved, and never prompts twice for it: what may have been sent is not sent again.
    ///
    /// - Throws: ``LipiaError`` where the payment is another gateway's.
    public func resume(_ payment: Payment) throws -> PaymentHandle {
        try resume(json: payment.toJson())
    }

    /// Takes up a payment from the text of its `toJson()`.
    ///
    /// - Throws: ``LipiaError`` where the text is none of a payment, or of another gateway's.
    public func resume(json: String) throws -> PaymentHandle {
        try translating { try native.resume(json: json) }
    }

    /// The live payment of that id, where this client holds it.
    ///
    /// - Throws: ``LipiaError`` where the text can be no payment's id.
    public func find(_ id: String) throws -> PaymentHandle? {
        try translating { try native.find(id: id) }
    }

    /// The payments of callers that went away. None is dropped, however many there are; each is handed out once: look at what
    /// became of it, do not sell again before.
    ///
    /// A result that was returned counts as told: where you drop results yourself, as a race against a time of your own does,
    /// ``reserve(_:)`` first and keep the payment.
    public func unclaimed() -> [PaymentHandle] {
        native.unclaimed()
    }

    // MARK: Callbacks

    /// Reads what was posted to a callback URL of this gateway. Data, not proof: ``receiveCallback(path:body:peer:forwardedFor:confirm:)``
    /// checks it.
    ///
    /// - Throws: ``LipiaError`` with the remedy `disbelieve`.
    public func parseCallback(_ body: Data) throws -> Event {
        try translating { try native.parseCallback(body: body) }
    }

    /// Takes in what was posted to a callback URL: checks the URL's token and the body, finds the payment, and moves it
    /// forward where it fits.
    ///
    /// - Parameters:
    ///   - path: of the request, or the whole URL.
    ///   - body: as it came.
    ///   - peer: the sender's address.
    ///   - forwardedFor: the values of `X-Forwarded-For`, in order.
    ///   - confirm: whether a success is asked about before it is believed.
    /// - Throws: ``LipiaError``, mostly with the remedy `disbelieve`; `CancellationError`.
    public func receiveCallback(
        path: String, body: Data, peer: String? = nil, forwardedFor: [String] = [], confirm: Bool = false
    ) async throws -> ReceivedCallback {
        let native = native
        return try await translating(native) {
            try await native.receiveCallback(
                path: path, body: body, peer: peer, forwardedFor: forwardedFor, confirm: confirm, cancellation: $0)
        }
    }

    /// Hands an event that came on a payment's own URL to that payment, resumed in the meantime.
    ///
    /// - Throws: ``LipiaError`` where the event is no longer one; `CancellationError`.
    @discardableResult
    public func believe(_ payment: PaymentHandle, _ event: Event, confirm: Bool = false) async throws -> Verdict {
        let native = native
        return try await translating(native) {
            try await native.believe(payment: payment, event: event, confirm: confirm, cancellation: $0)
        }
    }

    // MARK: Ending

    /// Whether nothing of it goes on in the background.
    public var isAtRest: Bool { native.isAtRest() }

    /// Waits for pushes and requests for tokens that are in flight: for the moment before an app is suspended. A wait or a query
    /// that is running is its caller's.
    ///
    /// - Throws: `CancellationError`.
    public func drain() async throws {
        let native = native
        try await translating(native) { try await native.drain(cancellation: $0) }
    }

    /// Wipes credentials and token from memory; the next call asks for them again.
    public func forgetCredentials() {
        native.forgetCredentials()
    }
}
