import Foundation
import Lipia
import LipiaTesting
import Testing

/// One payment for one order, in a file: taps at once, many tasks, clients at once, and a file that cannot be used.
struct LedgerTests {
    @Test func twoTapsAtOnceAreOnePrompt() async throws {
        try await withLedger { sandbox, ledger in
            let till = try sandbox.daraja(ledger: ledger)
            async let one = till.request(lunch(), order: "table-9")
            async let other = till.request(lunch(), order: "table-9")
            let payments = try await [one, other]
            #expect(payments[0].id == payments[1].id && payments[0].order == "table-9")
            #expect(payments.filter(\.isExisting).count == 1, "the second tap hears that the sale is in flight")
            #expect(try await sandbox.pushAttempts() == 1)
        }
    }

    @Test func manyTasksAndClientsAreOnePrompt() async throws {
        try await withLedger { sandbox, ledger in
            let tills = [try sandbox.daraja(ledger: ledger), try sandbox.daraja(ledger: ledger)]
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<48 {
                    group.addTask { try await tills[number % 2].collect(lunch(), order: "table-9").id }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await sandbox.pushAttempts() == 1)
        }
    }

    @Test func aPaidOrderStaysPaidAndAnotherAmountIsRefused() async throws {
        try await withLedger { sandbox, ledger in
            let paid = try await sandbox.daraja(ledger: ledger).collect(lunch(), order: "table-9")
            #expect(paid.isPaid && paid.orderIsPaid)
            let reopened = try sandbox.daraja(ledger: ledger)
            let again = try await reopened.request(lunch(), order: "table-9")
            #expect(again.isExisting && again.isPaid && again.id == paid.id)
            let error = try await caught { try await reopened.request(lunch(amount: 151), order: "table-9") }
            #expect(error.code == "order_paid_differently" && error.paymentId == paid.id)
            #expect(error.remedy == .lookAtPayment && error.disposition == .notSent)
            #expect(try await sandbox.pushAttempts() == 1)
        }
    }

    @Test func withoutALedgerAnOrderIsKnownToItsClient() async throws {
        try await Sandbox.with { sandbox in
            let till = try sandbox.daraja()
            let one = try await till.request(lunch(), order: "table-9")
            let other = try await till.request(lunch(), order: "table-9")
            #expect(one.id == other.id && !one.isExisting && other.isExisting)
        }
    }

    // MARK: What is told

    @Test func whatNobodyHeardIsToldToTheNextClientUntilItIsAcknowledged() async throws {
        try await withLedger { sandbox, ledger in
            let paid = try await sandbox.daraja(ledger: ledger).collect(lunch(), order: "table-9")
            let till = try sandbox.daraja(ledger: ledger)
            let told = try await inTime("a telling") { await firstTelling(of: till) }
            #expect(told?.payment.id == paid.id && told?.payment.order == "table-9" && told?.attempt == 1)
            #expect(try await told?.done() == true)
            #expect(try await till.payments.report().owed == 0)
        }
    }

    @Test func whatIsHandedBackIsToldAgain() async throws {
        try await withLedger { sandbox, ledger in
            let till = try sandbox.daraja(ledger: ledger)
            _ = try await till.collect(lunch(), order: "table-9")
            let attempts = try await inTime("two tellings") {
                var attempts: [Int] = []
                for await outcome in till.outcomes {
                    attempts.append(outcome.attempt)
                    if attempts.count == 2 {
                        try await outcome.done()
                        break
                    }
                    outcome.failed("the drawer is stuck")
                }
                return attempts
            }
            #expect(attempts == [1, 2])
            let id = try await till.payments.ofOrder("table-9")[0].id
            #expect(try await !till.payments.story(id).isOwed)
        }
    }

    @Test func aLoopEndsWithItsTaskAndWhenTheClientIsToldToStop() async throws {
        try await withLedger { sandbox, ledger in
            let till = try sandbox.daraja(ledger: ledger)
            let cancelled = Task { for await _ in till.outcomes {} }
            cancelled.cancel()
            try await inTime("the end of the loop") { await cancelled.value }
            let stopped = Task { for await _ in till.outcomes {} }
            try await inTime("the loop has ended") {
                let stopping = Task {
                    while !Task.isCancelled {
                        till.stop()
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                await stopped.value
                stopping.cancel()
            }
        }
    }

    // MARK: What a person does

    @Test func aPersonClosesWhatNobodyCanTell() async throws {
        try await withLedger { sandbox, ledger in
            let till = try sandbox.daraja(ledger: ledger)
            try await sandbox.script("254712345678", "manual")
            try await sandbox.inject(step: "push", kind: "answer_lost")
            let lost = try await till.request(lunch(), order: "table-9")
            #expect(lost.state == .unknown && lost.order == "table-9")
            let open = try await till.payments.search(PaymentSearch(state: .unknown))
            #expect(open.payments.map(\.id) == [lost.id] && open.next == nil)
            let paid = try await till.payments.resolve(
                String(lost.id.prefix(8)), .paid(receipt: "UAB1CD2EF3"))
            #expect(paid.isPaid && paid.receipt == "UAB1CD2EF3" && paid.orderIsPaid)
            let closed = try await caught { try await till.payments.resolve(lost.id, .notPaid) }
            #expect(closed.code == "payment_not_open")
            let again = try await till.request(lunch(), order: "table-9")
            #expect(again.isExisting && again.isPaid)

            try await sandbox.inject(step: "push", kind: "answer_lost")
            let second = try await till.request(lunch(), order: "table-10")
            let taken = try await caught {
                try await till.payments.resolve(second.id, .paid(receipt: "UAB1CD2EF3"))
            }
            #expect(taken.code == "receipt_taken" && taken.paymentId == lost.id)
            let unpaid = try await till.payments.resolve(second.id, .notPaid)
            #expect(unpaid.state == .settled && !unpaid.isPaid && unpaid.orderFreeAt != nil)
            #expect(try await sandbox.pushAttempts() == 2)
        }
    }

    @Test func aPaymentIsLookedUpAskedAndGivenUp() async throws {
        try await withLedger { sandbox, ledger in
            let till = try sandbox.daraja(ledger: ledger)
            try await sandbox.script("254712345678", "manual")
            let open = try await till.request(lunch(), order: "table-9")
            #expect(try await till.payments.get(String(open.id.prefix(8))).id == open.id)
            #expect(try await till.payments.ask(open.id).outcome == .pending)
            let later = PaymentSearch(phoneNumber: "0712345678", since: Date(timeIntervalSinceNow: 3_600))
            #expect(try await till.payments.search(later).payments == [])
            let never = PaymentSearch(since: Date(timeIntervalSince1970: .nan))
            #expect(try await caught { try await till.payments.search(never) }.field == "since")
            let found = try await till.payments.search(PaymentSearch(phoneNumber: "0712345678", onlyOpen: true))
            #expect(found.payments.map(\.id) == [open.id])
            #expect(try await till.payments.release("table-9").id == open.id)
            // The first phone still has its prompt.
            let another = StkPush(phoneNumber: "0712345679", amount: 150, accountReference: "TABLE-9")
            let second = try await till.request(another, order: "table-9")
            #expect(second.id != open.id && !second.isExisting)
            #expect(try await till.payments.ofOrder("table-9").map(\.id) == [second.id, open.id])
            #expect(try await caught { try await till.payments.get("no-such-payment") }.code == "payment_not_in_ledger")
            #expect(try await caught { try await till.payments.prune(olderThan: .nan) }.field == "olderThan")
            #expect(try await till.payments.prune(olderThan: 3_600, dryRun: true).payments == 0)
            let kept = try sandbox.daraja().reserve(lunch()).toJson()
            #expect(try await till.payments.take(json: kept).change == "new")
        }
    }

    // MARK: A file that cannot be used

    @Test func aFileThatIsNotALedgerIsRefusedAndLeftAsItIs() async throws {
        for content in ["this is not a database", String(repeating: "x", count: 100_000)] {
            try await withLedger { sandbox, ledger in
                try content.write(to: ledger.url, atomically: true, encoding: .utf8)
                try await expectRefusal(sandbox, ledger, ["ledger_corrupt"])
                #expect(try String(contentsOf: ledger.url, encoding: .utf8) == content)
            }
        }
    }

    @Test func aFolderThatCannotBeWrittenIsRefused() async throws {
        try await withLedger { sandbox, ledger in
            let folder = ledger.url.deletingLastPathComponent()
            try await expectRefusal(sandbox, .file(folder), ["ledger_path_refused"])
            try await expectRefusal(
                sandbox, .file(folder.appendingPathComponent("none/payments.db")), ["ledger_path_refused"])
            // Read-only for everybody: where these tests run in a chroot it is mounted so.
            try await expectRefusal(
                sandbox, .file(URL(fileURLWithPath: "/usr/payments.db")), ["ledger_read_only", "ledger_path_refused"])
        }
    }

    @Test func whatIsNotAFileIsRefusedAtOnce() throws {
        let error = try caughtAtOnce {
            try Daraja(
                credentials: CredentialsSource { try SandboxKeys.daraja() },
                ledger: .file(try #require(URL(string: "https://shop.example/payments.db"))))
        }
        #expect(error.code == "ledger_path_refused" && error.field == "ledger" && error.remedy == .correctSettings)
    }

    /// Every call is refused with one of these codes, and nobody is prompted.
    private func expectRefusal(_ sandbox: Sandbox, _ ledger: Ledger, _ codes: Set<String>) async throws {
        let error = try await caught {
            try await sandbox.daraja(ledger: ledger).request(lunch(), order: "table-9")
        }
        #expect(codes.contains(error.code), "\(ledger): \(error.code): \(error)")
        #expect(error.disposition == .notSent && !error.message.isEmpty)
        #expect(try await sandbox.pushAttempts() == 0)
    }
}

private func lunch(amount: Int = 150) -> StkPush {
    StkPush(phoneNumber: "0712345678", amount: amount, accountReference: "TABLE-9")
}

private func firstTelling(of till: Client) async -> Telling? {
    for await outcome in till.outcomes { return outcome }
    return nil
}

private func withLedger(_ use: @escaping @Sendable (Sandbox, Ledger) async throws -> Void) async throws {
    try await withFolder { folder in
        try await Sandbox.with { try await use($0, .file(folder.appendingPathComponent("payments.db"))) }
    }
}

/// A folder that goes with the test.
func withFolder(_ use: @escaping @Sendable (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lipia-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await use(folder)
}
