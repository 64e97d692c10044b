import Foundation
import Lipia

/// A till: sells, and shows what becomes of each sale. It knows no screen; the terminal and iOS show the same one.
///
/// Whatever is cancelled or killed in the middle is in the client's ledger, and ``takeUp()`` goes on with it.
@MainActor
public final class TillViewModel {
    /// The sales, the newest last.
    public private(set) var sales: [Sale] = [] {
        didSet { for watcher in watchers.values { watcher.yield(sales) } }
    }

    private let client: Client
    private let wait: WaitOptions?
    private let letterbox: any Letterbox
    private let lookEvery: TimeInterval
    /// The payments that somebody here looks after.
    private var inHand: Set<String> = []
    private var watchers: [UUID: AsyncStream<[Sale]>.Continuation] = [:]

    /// - Parameters:
    ///   - client: made with a ledger.
    ///   - wait: how M-Pesa is asked.
    ///   - letterbox: where callbacks are looked for.
    ///   - lookEvery: how often, in seconds.
    public init(
        client: Client, wait: WaitOptions? = nil, letterbox: any Letterbox = ServersLetterbox(),
        lookEvery: TimeInterval = 3
    ) {
        self.client = client
        self.wait = wait
        self.letterbox = letterbox
        self.lookEvery = lookEvery
    }

    /// The sales as they are, and whenever they change.
    public func changes() -> AsyncStream<[Sale]> {
        let id = UUID()
        return AsyncStream { watcher in
            watcher.yield(sales)
            watchers[id] = watcher
            watcher.onTermination = { _ in Task { @MainActor in self.watchers[id] = nil } }
        }
    }

    /// Prompts the customer for a sale and follows it to its end. The reference is the order: a finger that hits the button
    /// twice, or a till that is started again, gets the payment that exists, and charges nobody twice.
    ///
    /// - Throws: ``LipiaError`` naming the field that is not valid; nothing was sent. `CancellationError`.
    @discardableResult
    public func sell(phoneNumber: String, amount: String, reference: String) async throws -> Stage {
        let push = StkPush(phoneNumber: phoneNumber, amount: amount, accountReference: reference)
        // Before anything is sent, so that what is not valid is said at the field.
        let asked = try client.reserve(push).snapshot()
        let sale = asked.at(.prompting)
        show(sale)
        let payment: Payment
        do {
            payment = try await client.request(push, order: reference)
        } catch let error as LipiaError where error.disposition == .unknown {
            // The prompt may have left: the ledger has its payment.
            guard let kept = try await client.payments.ofOrder(reference).first else { throw error }
            payment = kept
        } catch let error as LipiaError {
            let stage = Stage.notPrompted(
                why: error.description, mayBeTriedAgain: error.retryable, areKeysWrong: areKeysWrong(error.kind))
            show(sale.at(stage))
            return stage
        } catch {
            forget(sale)
            throw error
        }
        forget(sale)
        return try await follow(payment, news(of: payment))
    }

    /// Goes on with what was open when the till was closed, or when its wait was over. Prompts nobody.
    public func takeUp() async throws {
        let open = try await client.payments.search(PaymentSearch(onlyOpen: true)).payments
        try await withThrowingTaskGroup(of: Void.self) { following in
            for payment in open.reversed() where !inHand.contains(payment.id) {
                following.addTask { _ = try await self.follow(payment, .takenUp) }
            }
            try await following.waitForAll()
        }
    }

    /// Shows what the ledger tells, also of sales that nobody here looks after any more. Ends with its task. A ledger that cannot
    /// write the acknowledgement down, such as on a full disk, tells the payment again: the till goes on listening.
    public func listen() async {
        for await outcome in client.outcomes {
            if !inHand.contains(outcome.payment.id) { show(outcome.payment.at(outcome.payment.ended)) }
            _ = try? await outcome.done()
        }
    }

    private func news(of payment: Payment) -> News {
        if payment.isExisting { return .takenUp }
        guard payment.state == .unknown else { return .accepted }
        return .answerLost(why: payment.lastError?.description ?? "The answer to the push was lost.")
    }

    /// Follows a payment to its end. Whoever asks for it a second time follows it too.
    private func follow(_ known: Payment, _ news: News) async throws -> Stage {
        let payment = try client.resume(known)
        inHand.insert(payment.id)
        defer { inHand.remove(payment.id) }
        if payment.snapshot().mayBePaid {
            show(payment, .waiting(elapsed: 0, news: news))
            let looking = Task {
                while !Task.isCancelled {
                    try await Task.sleep(nanoseconds: UInt64(lookEvery * 1_000_000_000))
                    await look(payment)
                }
            }
            defer { looking.cancel() }
            for try await progress in client.watch(payment, wait: wait) {
                switch progress {
                case .queried(let elapsed, _): show(payment, .waiting(elapsed: elapsed, news: .stillAsking))
                case .queryFailed(let elapsed, let error):
                    show(payment, .waiting(elapsed: elapsed, news: .notTold(why: error.description)))
                case .callbackReceived(let elapsed): show(payment, .waiting(elapsed: elapsed, news: .something))
                case .settled, .timedOut: break
                }
            }
        }
        // The callback may come after the answer to a question, and only it has the receipt.
        if payment.snapshot().receipt == nil { await look(payment) }
        let stage = payment.snapshot().ended
        show(payment, stage)
        return stage
    }

    /// Takes in what came to the payment's own URL; what does not fit the payment is kept with it, and not believed.
    private func look(_ payment: PaymentHandle) async {
        guard let body = await letterbox.look(payment.snapshot().push.callbackUrl),
            let event = try? client.parseCallback(body)
        else { return }
        _ = try? await client.believe(payment, event)
    }

    private func show(_ payment: PaymentHandle, _ stage: Stage) {
        show(payment.snapshot().at(stage))
    }

    private func show(_ sale: Sale) {
        if let index = sales.firstIndex(where: { $0.id == sale.id }) {
            sales[index] = sale
        } else {
            sales.append(sale)
        }
    }

    private func forget(_ sale: Sale) {
        sales.removeAll { $0.id == sale.id }
    }
}
