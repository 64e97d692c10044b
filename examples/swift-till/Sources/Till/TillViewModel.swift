import Foundation
import Lipia

/// A till: sells, and shows what becomes of each sale. It knows no screen; the terminal and iOS show the same one.
///
/// Whatever is cancelled or killed in the middle is in its files, and ``takeUp()`` goes on with it.
@MainActor
public final class TillViewModel {
    /// The sales, the newest last.
    public private(set) var sales: [Sale] = [] {
        didSet { for watcher in watchers.values { watcher.yield(sales) } }
    }

    private let client: Client
    private let payments: PaymentFiles
    private let wait: WaitOptions?
    private let letterbox: any Letterbox
    private let lookEvery: TimeInterval
    /// The payments that somebody here looks after.
    private var inHand: Set<String> = []
    private var watchers: [UUID: AsyncStream<[Sale]>.Continuation] = [:]

    /// - Parameters:
    ///   - client: made with `payments` as its store.
    ///   - payments: where all of it is kept.
    ///   - wait: how M-Pesa is asked.
    ///   - letterbox: where callbacks are looked for.
    ///   - lookEvery: how often, in seconds.
    public init(
        client: Client, payments: PaymentFiles, wait: WaitOptions? = nil,
        letterbox: any Letterbox = ServersLetterbox(), lookEvery: TimeInterval = 3
    ) {
        self.client = client
        self.payments = payments
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

    /// Prompts the customer for a sale and follows it to its end. A sale that was prompted for already, by this reference, is
    /// followed instead: a finger that hits a button twice, or a till that is started again, charges nobody twice.
    ///
    /// - Throws: ``LipiaError`` naming the field that is not valid; nothing was sent. `CancellationError`.
    @discardableResult
    public func sell(phoneNumber: String, amount: String, reference: String) async throws -> Stage {
        let payment = try client.reserve(
            StkPush(phoneNumber: phoneNumber, amount: amount, accountReference: reference))
        // Before its file is there for `takeUp` to find.
        inHand.insert(payment.id())
        defer { inHand.remove(payment.id()) }
        if let known = try await payments.claim(payment) { return try await follow(handle(of: known), .takenUp) }
        show(payment, .prompting)
        var news = News.accepted
        do {
            try await client.push(payment)
        } catch let error as LipiaError {
            news = .answerLost(why: error.description)
        }
        // What the error means for the money is in the payment.
        return payment.snapshot().mayBePaid ? try await follow(payment, news) : end(payment)
    }

    /// Goes on with what was open when the till was closed, or when its wait was over. Prompts nobody.
    public func takeUp() async throws {
        let open = try await payments.all().filter { $0.mayBePaid && !inHand.contains($0.id) }.map(handle)
        try await withThrowingTaskGroup(of: Void.self) { following in
            for payment in open {
                inHand.insert(payment.id())
                following.addTask {
                    defer { Task { @MainActor in self.inHand.remove(payment.id()) } }
                    _ = try await self.follow(payment, .takenUp)
                }
            }
            try await following.waitForAll()
        }
    }

    /// The same live payment for everybody who asks for it.
    private func handle(of saved: Payment) throws -> PaymentHandle {
        try client.find(saved.id) ?? client.resume(saved)
    }

    private func follow(_ payment: PaymentHandle, _ news: News) async throws -> Stage {
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
        return end(payment)
    }

    /// Takes in what came to the payment's own URL; what does not fit the payment is kept with it, and not believed.
    private func look(_ payment: PaymentHandle) async {
        guard let body = await letterbox.look(payment.snapshot().push.callbackUrl),
            let event = try? client.parseCallback(body)
        else { return }
        _ = try? await client.believe(payment, event)
    }

    private func end(_ payment: PaymentHandle) -> Stage {
        let stage = payment.snapshot().ended
        show(payment, stage)
        return stage
    }

    private func show(_ payment: PaymentHandle, _ stage: Stage) {
        let sale = payment.snapshot().at(stage)
        if let index = sales.firstIndex(where: { $0.id == sale.id }) {
            sales[index] = sale
        } else {
            sales.append(sale)
        }
    }
}
