/// News of one payment: see ``Client/outcomes``. Until it is acknowledged with ``done()`` it is told again, by this app or by
/// the next one that opens the ledger.
///
/// ```swift
/// for await outcome in daraja.outcomes {
///     if outcome.payment.isPaid { await orders.markPaid(outcome.payment.order, outcome.payment.receipt) }
///     _ = try? await outcome.done()  // where the disk is full, it is told again
/// }
/// ```
///
/// What the app does with it must do no harm when it is done twice: the app may be killed between that and ``done()``.
public struct Telling: Sendable, CustomStringConvertible {
    /// The payment, as the ledger had it when this was told. Its `orderIsPaid` counts other payments of the same order in.
    public let payment: Payment

    /// How often the payment was told, this telling counted in. Of two tellings of one payment the later has the higher number.
    public let attempt: Int

    private let acknowledge: @Sendable () async throws -> Bool
    private let handBack: @Sendable (String) -> Void

    init(_ native: NativeTelling) {
        payment = native.payment()
        attempt = native.attempt()
        acknowledge = { try await translating { _ in try await native.done() } }
        handBack = { native.failed(reason: $0) }
    }

    /// A telling for a client that is faked in a test.
    ///
    /// - Parameters:
    ///   - payment: what is told.
    ///   - attempt: how often it was told.
    ///   - done: called when the telling is acknowledged.
    ///   - failed: called when the telling is handed back.
    public init(
        faking payment: Payment, attempt: Int = 1, done: @escaping @Sendable () -> Void = {},
        failed: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.payment = payment
        self.attempt = attempt
        acknowledge = {
            done()
            return true
        }
        handBack = failed
    }

    /// Acknowledges the telling, and returns once the ledger has written that down. It is not told again, unless more is
    /// learnt of the payment.
    ///
    /// - Returns: whether the acknowledgement counts. It does not where the telling took longer than a minute and the payment was
    ///   told again since, or where it was handed back before.
    /// - Throws: ``LipiaError``: the ledger could not write it down. The payment is told again. In a loop over
    ///   ``Client/outcomes``, catch it there: an error that leaves the loop ends it.
    @discardableResult
    public func done() async throws -> Bool {
        try await acknowledge()
    }

    /// Hands the telling back: it is told again after some seconds, then ever more seldom, up to an hour.
    ///
    /// - Parameter reason: the reason, for the developer. The ledger keeps it: it must not have a secret.
    public func failed(_ reason: String) {
        handBack(reason)
    }

    /// Without the customer's number.
    public var description: String { "Telling(payment=\(payment), attempt=\(attempt))" }
}

extension Telling: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The sequence of what became of the payments of a ledger, made by ``Client/outcomes``. While a loop over it runs, the ledger
/// is reconciled in the background. Loops that run at once share the tellings: each goes to one of them. A loop ends with its
/// task, and with ``Client/stop()``.
public struct Outcomes: AsyncSequence, Sendable {
    public typealias Element = Telling

    private let begin: @Sendable () -> Iterator

    init(_ client: NativeClient) {
        begin = { Iterator(client) }
    }

    /// A sequence for a client that is faked in a test.
    public init(faking tellings: AsyncStream<Telling>) {
        begin = {
            let faked = FakedTellings(tellings)
            return Iterator { await faked.next() }
        }
    }

    /// Begins to listen.
    public func makeAsyncIterator() -> Iterator {
        begin()
    }

    /// One listener.
    public struct Iterator: AsyncIteratorProtocol {
        private let told: () async -> Telling?

        init(_ client: NativeClient) {
            let listening = Listening(client)
            told = { await listening.next() }
        }

        init(_ told: @escaping () async -> Telling?) {
            self.told = told
        }

        /// The next telling, as soon as there is one; `nil` once the task is cancelled or the client was told to stop.
        public mutating func next() async -> Telling? {
            await told()
        }
    }
}

/// The native side of one loop, begun with its first step. It ends with the loop.
private final class Listening {
    private let client: NativeClient
    private var tellings: NativeTellings?

    init(_ client: NativeClient) {
        self.client = client
    }

    func next() async -> Telling? {
        let tellings: NativeTellings
        if let begun = self.tellings {
            tellings = begun
        } else {
            tellings = await client.listen()
            self.tellings = tellings
        }
        // Nothing but the end of the task ends it with an error.
        return try? await translating { try await tellings.next(cancellation: $0) }.map(Telling.init)
    }
}

private final class FakedTellings {
    private var tellings: AsyncStream<Telling>.Iterator

    init(_ tellings: AsyncStream<Telling>) {
        self.tellings = tellings.makeAsyncIterator()
    }

    func next() async -> Telling? {
        await tellings.next()
    }
}
