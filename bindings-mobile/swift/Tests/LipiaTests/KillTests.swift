import Foundation
import Lipia
import Testing

/// A till that is killed and opened again: one prompt, and the right outcome.
struct KillTests {
    @Test func aTillThatIsKilledWhileItWaitsIsResumedToTheOutcome() async throws {
        try await withTill { till in
            let shop = try till.start("push")
            while let line = try await shop.line(), line != "accepted" {}
            try await shop.kill()
            let payment = try till.resumed()
            #expect(payment.snapshot().state == .accepted)
            let ended = try await inTime("the outcome") { try await till.client.collect(payment) }
            #expect(ended.isPaid && ended.outcome == .success)
            #expect(try await till.sandbox.prompts() == 1)
        }
    }

    @Test func aTillThatIsKilledWhileTheAnswerIsOnItsWayPromptsNobodyTwice() async throws {
        try await withTill { till in
            try await till.sandbox.inject(
                .object(["step": .text("push"), "kind": .text("slow_after"), "seconds": .number(1_000)]))
            let shop = try till.start("push")
            while let line = try await shop.line(), line != "sending" {}
            try await eventually("the phone is prompted") { try await till.sandbox.prompts() == 1 }
            try await shop.kill()
            try await till.expectUnknown()
            #expect(try await till.sandbox.prompts() == 1)
        }
    }

    @Test func aTillThatIsKilledBeforeItsPushLeftDoesNotPush() async throws {
        try await withTill { till in
            let shop = try till.start("begin")
            while let line = try await shop.line(), line != "begun" {}
            try await shop.kill()
            try await till.expectUnknown()
            #expect(try await till.sandbox.prompts() == 0)
        }
    }

    private func withTill(_ use: @escaping @Sendable (Till) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lipia-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await Sandbox.with { sandbox in
            try await use(Till(sandbox: sandbox, folder: folder, client: try sandbox.daraja()))
        }
    }
}

/// Where a till keeps its payments, and a client of another process that opens them.
private struct Till: Sendable {
    let sandbox: Sandbox
    let folder: URL
    let client: Daraja

    func start(_ how: String) throws -> Program {
        // Beside the tests: SwiftPM puts all that it builds into one folder.
        let folderOfTests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return try Program(
            folderOfTests.appendingPathComponent("shop").path,
            [sandbox.baseUrl, folder.path, "0712345678", how])
    }

    /// The one payment that the till has saved, taken up as its next run does.
    func resumed() throws -> PaymentHandle {
        let saved = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        guard saved.count == 1 else { throw Failure("\(saved.count) payments were saved, and not one") }
        let json = try String(contentsOf: folder.appendingPathComponent(saved[0]), encoding: .utf8)
        let payment = try client.resume(Payment(json: json))
        guard payment.toJson().contains(payment.id()) else { throw Failure("it is another payment") }
        return payment
    }

    /// Nobody knows what became of the payment, and it is not pushed again.
    func expectUnknown() async throws {
        let payment = try resumed()
        #expect(payment.snapshot().state == .unknown && payment.snapshot().outcome == .unknown)
        await #expect {
            try await client.push(payment)
        } throws: { error in
            let error = error as? LipiaError
            return error?.code == "payment_already_sent" && error?.remedy == .lookAtPayment
        }
    }
}
