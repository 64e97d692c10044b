import Foundation
import Lipia
import LipiaTesting
import Testing

/// A till that is killed at any step and opened again: one prompt for the order, the right outcome, and it is told.
struct KillTests {
    @Test func killedBeforeItsPushLeavesItSellsOnceWhenItIsOpenedAgain() async throws {
        try await withTill { till in
            try await till.sandbox.inject(
                .object(["step": .text("oauth"), "kind": .text("slow_after"), "seconds": .number(1_000)]))
            let shop = try till.start()
            try await till.until("asking", of: shop)
            try await shop.kill()
            try await till.sandbox.clearFaults()
            #expect(try await till.ending() == ["asking", "requested", "ended success", "told success", "done"])
            #expect(try await till.sandbox.prompts() == 1)
        }
    }

    @Test func killedWhileTheAnswerIsOnItsWayItPromptsNobodyAgain() async throws {
        try await withTill { till in
            try await till.sandbox.inject(
                .object(["step": .text("push"), "kind": .text("slow_after"), "seconds": .number(1_000)]))
            let shop = try till.start()
            try await till.until("asking", of: shop)
            try await eventually("the phone is prompted") { try await till.sandbox.prompts() == 1 }
            try await shop.kill()
            let client = try till.client()
            let again = try await client.request(order, order: "table-9-lunch")
            #expect(again.isExisting && [.sending, .unknown].contains(again.state))
            #expect(try await till.sandbox.pushAttempts() == 1)
        }
    }

    @Test func killedWhileItWaitsItIsPaidWithTheFirstPrompt() async throws {
        try await withTill { till in
            try await till.sandbox.script("254712345678", "manual")
            let shop = try till.start()
            try await till.until("requested", of: shop)
            try await shop.kill()
            let prompted = try await till.sandbox.payments()
            try await till.sandbox.act(try #require(prompted.first?["checkout_request_id"]?.text), "pay")
            let said = try await till.ending()
            #expect(said.first { $0.hasPrefix("existing") } == "existing accepted")
            #expect(said.suffix(3) == ["ended success", "told success", "done"])
            #expect(try await till.sandbox.pushAttempts() == 1)
        }
    }

    @Test func killedBeforeItAcknowledgesItIsToldAgain() async throws {
        try await withTill { till in
            let shop = try till.start("hold")
            try await till.until("told success", of: shop)
            try await shop.kill()
            let client = try till.client()
            #expect(try await client.payments.report().owed == 1)
            let story = try await client.payments.story(client.payments.ofOrder("table-9-lunch")[0].id)
            #expect(story.isOwed && story.attempts == 1)
            #expect(try await till.sandbox.prompts() == 1)
        }
    }

    /// A ledger that was whole, and is damaged: what is paid in it is not sold again.
    @Test func aLedgerThatIsDamagedIsRefused() async throws {
        try await withTill { till in
            #expect(try await till.ending().contains("ended success"))
            // With what SQLite keeps beside it, the file would be whole again.
            for beside in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: till.file.path + beside) }
            let size = try Data(contentsOf: till.file).count
            let damaged = Data(repeating: 0x5A, count: max(size, 4_096))
            try damaged.write(to: till.file)
            #expect(try await till.ending().last == "refused not_sent ledger_corrupt")
            #expect(try Data(contentsOf: till.file) == damaged)
            #expect(try await till.sandbox.pushAttempts() == 1)
        }
    }

    /// Killed after ever more time, at whatever step it is in then.
    @Test(.serialized, arguments: [0, 2, 5, 8, 11, 15, 20, 26]) func killedAtAnyMomentItPromptsOnce(step: Int)
        async throws
    {
        try await withTill { till in
            let shop = try till.start()
            try await till.until("asking", of: shop)
            try await Task.sleep(for: .milliseconds(step * step * 2))
            try await shop.kill()
            _ = try await till.ending()
            #expect(try await till.sandbox.pushAttempts() <= 1)
            let payments = try await till.client().payments.ofOrder("table-9-lunch")
            #expect(payments.filter { $0.state != .reserved }.count == 1, "\(payments)")
        }
    }

    /// A disk that is full after ever more bytes: one prompt, or a refusal that says so.
    @Test(.serialized, arguments: [0, 1, 20_000, 50_000, 100_000, 200_000])
    func aFullDiskIsOnePromptOrARefusal(bytes: Int) async throws {
        try await withTill { till in
            let said = try await till.ending("\(bytes)")
            let attempts = try await till.sandbox.pushAttempts()
            if let refused = said.first(where: { $0.hasPrefix("refused not_sent") }), attempts == 0 {
                #expect(refused.hasPrefix("refused not_sent ledger_"), "\(said)")
            } else {
                #expect(attempts == 1, "\(said)")
            }
            _ = try await till.ending()
            #expect(try await till.sandbox.pushAttempts() == 1, "\(said)")
        }
    }
}

private let order = StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "TABLE-9")

private func withTill(_ use: @escaping @Sendable (Till) async throws -> Void) async throws {
    try await withFolder { folder in
        try await Sandbox.with { try await use(Till(sandbox: $0, file: folder.appendingPathComponent("payments.db"))) }
    }
}

/// The till's ledger, and the program that is killed.
private struct Till: Sendable {
    let sandbox: Sandbox
    let file: URL

    func client() throws -> Daraja { try sandbox.daraja(ledger: .file(file)) }

    func start(_ way: String = "sell") throws -> Program {
        // Beside the tests: SwiftPM puts all that it builds into one folder.
        let folderOfTests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return try Program(
            folderOfTests.appendingPathComponent("shop").path, [sandbox.baseUrl, file.path, "0712345678", way])
    }

    func until(_ step: String, of shop: Program) async throws {
        while let line = try await shop.line() { if line == step { return } }
        throw Failure("it ended before it said \u{201c}\(step)\u{201d}")
    }

    /// What it says, started anew and left to end by itself.
    func ending(_ way: String = "sell") async throws -> [String] {
        let shop = try start(way)
        var said: [String] = []
        while let line = try await shop.line() { said.append(line) }
        return said
    }
}
