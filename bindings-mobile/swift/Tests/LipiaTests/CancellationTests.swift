import Foundation
import Lipia
import LipiaTesting
import Testing

/// Callers that leave at any moment: no payment is lost, and nobody is prompted twice.
struct CancellationTests {
    /// A push whose answer takes so long, in seconds of the sandbox, that nobody waits for it to pass.
    static let slow = JSON.object(["step": .text("push"), "kind": .text("slow_after"), "seconds": .number(300)])

    @Test func aTaskCancelledInMidPushEndsAtOnceAndThePaymentGetsItsAcceptance() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            try await sandbox.inject(CancellationTests.slow)
            let pushing = Task { try await client.stkPush(sale(1)) }
            try await eventually("the push has arrived") { try await sandbox.counters()["push_attempts"]?.whole == 1 }
            pushing.cancel()
            await #expect(throws: CancellationError.self) { try await inTime("leaving") { try await pushing.value } }
            // The answer has not come yet: whoever left did not wait for it.
            let payment = try #require(client.unclaimed().first)
            #expect(payment.snapshot().state == .sending && !client.isAtRest)
            #expect(client.unclaimed().isEmpty)

            try await inTime("the push") { try await client.drain() }
            let accepted = payment.snapshot()
            let prompted = try await sandbox.payments()
            #expect(accepted.state == .accepted && prompted.count == 1)
            #expect(accepted.acceptance?.checkoutRequestId == prompted.first?["checkout_request_id"]?.text)

            let ended = try await inTime("the outcome") { try await client.wait(payment) }
            #expect(ended.isPaid)
            #expect(try await sandbox.prompts() == 1)
        }
    }

    @Test func aTaskCancelledWhileItCollectsLeavesThePaymentBehind() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            try await sandbox.script("254712000002", "manual")
            let collecting = Task { try await client.collect(sale(2)) }
            try await eventually("the phone is prompted") { try await sandbox.prompts() == 1 }
            collecting.cancel()
            await #expect(throws: CancellationError.self) { try await inTime("leaving") { try await collecting.value } }
            try await inTime("the push") { try await client.drain() }
            let payment = try #require(client.unclaimed().first)
            let id = try #require(payment.snapshot().checkoutRequestId)
            try await sandbox.act(id, "pay")
            #expect(try await inTime("the outcome") { try await client.wait(payment) }.isPaid)
            #expect(try await sandbox.prompts() == 1)
        }
    }

    @Test func aTaskThatWasCancelledBeforeSendsNothing() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            let payment = try client.reserve(sale(3))
            let pushing = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await client.push(payment)
            }
            pushing.cancel()
            await #expect(throws: CancellationError.self) { try await pushing.value }
            try await inTime("rest") { try await client.drain() }
            #expect(payment.snapshot().state == .reserved)
            #expect(try await sandbox.counters()["push_attempts"]?.whole == 0)
            // It was not sent, so it may be.
            _ = try await client.push(payment)
            #expect(try await sandbox.prompts() == 1)
        }
    }

    @Test func aWatchEndsWithItsTaskAndLeavesThePaymentAsItIs() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            try await sandbox.script("254712000004", "silent")
            let payment = try client.reserve(sale(4))
            try await client.push(payment)
            let seen = Guarded(0)
            let watching = Task {
                for try await _ in client.watch(payment, wait: WaitOptions(timeout: 600)) { seen.with { $0 += 1 } }
            }
            try await eventually("something is told") { seen.now > 0 }
            watching.cancel()
            await #expect(throws: CancellationError.self) { try await inTime("leaving") { try await watching.value } }
            #expect(payment.snapshot().state == .accepted && client.unclaimed().isEmpty)
        }
    }

    @Test func aProviderIsCancelledWithItsOnlyCaller() async throws {
        try await Sandbox.with { sandbox in
            let asked = Guarded(0)
            let ended = Guarded(0)
            let client = try Daraja(
                credentials: CredentialsSource {
                    asked.with { $0 += 1 }
                    defer { ended.with { $0 += 1 } }
                    try await Task.sleep(for: patience)
                    return try SandboxKeys.daraja()
                }, settings: sandbox.settings())
            let asking = Task { try await client.stkQuery("ws_CO_1") }
            try await eventually("the provider is asked") { asked.now == 1 }
            asking.cancel()
            await #expect(throws: CancellationError.self) { try await inTime("leaving") { try await asking.value } }
            try await eventually("the provider was told") { ended.now == 1 }
        }
    }

    /// Every prompt is known to its caller or is unclaimed, and every phone was prompted once at most.
    @Test func noPaymentIsLostByCallersThatLeaveAtAnyMoment() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            // The first push fetches a token; the second takes as long as those that follow.
            var known: Set<String> = [try await client.stkPush(sale(9_000)).id]
            let begun = ContinuousClock.now
            known.insert(try await client.stkPush(sale(9_001)).id)
            let usual = ContinuousClock.now - begun
            for number in 0..<80 {
                // From at once to twice as long as a push takes: before, amid and after it.
                let pushing = Task { try await client.stkPush(sale(number)) }
                try await Task.sleep(for: usual * number / 40)
                pushing.cancel()
                do {
                    known.insert(try await inTime("a push") { try await pushing.value }.id)
                } catch is CancellationError {}
            }
            try await inTime("rest") { try await client.drain() }
            let unclaimed = client.unclaimed().map { $0.snapshot() }
            // Those whose caller left before anything was sent stay reserved.
            let kept = Set(unclaimed.filter { $0.state != .reserved }.map { $0.checkoutRequestId ?? "none" })
            let prompted = try await sandbox.payments().compactMap { $0["checkout_request_id"]?.text }
            #expect(kept.isDisjoint(with: known))
            #expect(kept.union(known) == Set(prompted))
            let counters = try await sandbox.counters()
            #expect(counters["prompts_by_phone"]?.members.values.allSatisfy { $0.whole == 1 } == true)
            #expect(kept.count > 0 && known.count > 2, "the moments are too alike: \(kept.count), \(known.count)")
        }
    }
}

/// A sale to one of many phones.
func sale(_ number: Int) -> StkPush {
    StkPush(
        phoneNumber: "2547120\(String(format: "%05d", number))", amount: 150, accountReference: "INV-1")
}
