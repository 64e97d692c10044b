import Foundation

/// A piece of news of a wait.
public enum PaymentProgress: Equatable, Sendable {
    /// The gateway was asked, and answered. `elapsed` counts seconds since the wait began, here and below.
    case queried(elapsed: TimeInterval, status: Status)
    /// The gateway was asked, and did not tell. The wait goes on.
    case queryFailed(elapsed: TimeInterval, error: LipiaError)
    /// Something about the payment was handed in, and it is not settled yet.
    case callbackReceived(elapsed: TimeInterval)
    /// The outcome is known: the last news.
    case settled(Payment)
    /// The time is up, and the outcome is not known: the last news. It may yet be paid.
    case timedOut(Payment)

    init(_ native: NativeProgress) {
        self =
            switch native {
            case .queried(let elapsed, let status): .queried(elapsed: elapsed, status: status)
            case .queryFailed(let elapsed, let error): .queryFailed(elapsed: elapsed, error: LipiaError(details: error))
            case .callbackReceived(let elapsed): .callbackReceived(elapsed: elapsed)
            case .settled(let payment): .settled(payment)
            case .timedOut(let payment): .timedOut(payment)
            }
    }
}

/// What happens while a payment is waited for: made by ``Client/watch(_:wait:)``. Each loop over it is a wait of its own,
/// and ending the loop, or cancelling its task, ends the wait and leaves the payment as it is.
public struct PaymentWatch: AsyncSequence, Sendable {
    public typealias Element = PaymentProgress

    let client: NativeClient
    let payment: PaymentHandle
    let wait: WaitOptions?

    public func makeAsyncIterator() -> Iterator {
        Iterator(watched: self)
    }

    /// One wait.
    public struct Iterator: AsyncIteratorProtocol {
        let watched: PaymentWatch
        var native: NativeWatch?

        init(watched: PaymentWatch) {
            self.watched = watched
        }

        /// The next piece of news; nothing after the last.
        ///
        /// - Throws: ``LipiaError`` where the wait's options are not valid; `CancellationError`.
        public mutating func next() async throws -> PaymentProgress? {
            let native = try begun()
            return try await translating(watched.client) {
                try await native.next(cancellation: $0).map(PaymentProgress.init)
            }
        }

        private mutating func begun() throws -> NativeWatch {
            if let native { return native }
            let begun = try translating(watched.client) {
                try watched.client.watch(payment: watched.payment, wait: watched.wait)
            }
            native = begun
            return begun
        }
    }
}
