import Foundation

/// The progress of a wait. ``settled(_:)`` and ``timedOut(_:)`` are the last element.
public enum PaymentProgress: Equatable, Sendable {
    /// The gateway was asked, and answered. `elapsed` is the seconds since the wait began, here and below.
    case queried(elapsed: TimeInterval, status: Status)
    /// A query failed. The wait goes on.
    case queryFailed(elapsed: TimeInterval, error: LipiaError)
    /// A callback came that did not settle the payment.
    case callbackReceived(elapsed: TimeInterval)
    /// The payment is settled. The last element.
    case settled(Payment)
    /// The time is up, and the payment may yet be paid. The last element.
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

/// The sequence of a wait's progress, made by ``Client/watch(_:wait:)``. Each loop over it is a wait of its own. Ending the
/// loop, or cancelling its task, ends the wait and leaves the payment as it is.
public struct PaymentWatch: AsyncSequence, Sendable {
    public typealias Element = PaymentProgress

    let client: NativeClient
    let payment: PaymentHandle
    let wait: WaitOptions?

    /// Begins a wait of its own.
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

        /// The next progress; `nil` after the last.
        ///
        /// - Throws: ``LipiaError``: the payment was never pushed, or the wait's options are not valid. `CancellationError`.
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
