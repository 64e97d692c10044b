import Foundation
import Lipia
import LipiaTesting
import Testing

/// The errors that a caller catches.
struct ErrorTests {
    @Test func aLostAnswerIsOnePushAndUnknown() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            try await sandbox.inject(step: "push", kind: "answer_lost")
            let error = try await caught { try await client.stkPush(sale(1)) }
            #expect(error.disposition == .unknown && error.remedy == .findOut && !error.retryable)
            let payment = try #require(error.payment)
            #expect(payment.id == error.paymentId && client.unclaimed().isEmpty)
            #expect(payment.snapshot().outcome == .unknown && payment.snapshot().state == .unknown)
            let twice = try await caught { try await client.push(payment) }
            #expect(twice.code == "payment_already_sent" && twice.payment?.id == payment.id)
            let counters = try await sandbox.counters()
            #expect(counters["push_attempts"]?.whole == 1 && counters["prompts"]?.whole == 1)
        }
    }

    @Test func aPushThatIsValidAndOddIsWarnedOf() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            let payment = try client.reserve(
                StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "INV#1"))
            let warnings = try await client.push(payment).warnings
            #expect(warnings.map(\.code) == ["account_reference_unusual_character"])
            #expect(warnings.first?.message.contains("'#'") == true)
            #expect(payment.snapshot().warnings == warnings)
        }
    }

    @Test func whatWasLearntByAskingIsWrittenIntoThePayment() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            let payment = try client.reserve(sale(1))
            #expect(try await caught { try await client.ask(payment) }.payment?.id == payment.id)
            try await client.push(payment)
            try await eventually("the customer has paid") { try await client.ask(payment).isPaid }
            #expect(payment.snapshot().isPaid)
        }
    }

    @Test func anErrorIsASentenceWithAHint() throws {
        let error = try caughtAtOnce { try parsePhoneNumber("0712") }
        #expect(error.remedy == .correctInput && error.kind == .invalidInput && error.field == "phoneNumber")
        #expect(error.code == "phone_too_short" && error.disposition == .notSent)
        let hint = try #require(error.hint)
        #expect(error.localizedDescription == "\(error.message) \(hint)")
        #expect(error.recoverySuggestion == hint && "\(error)" == error.localizedDescription)
        #expect((error as any Error).localizedDescription == error.localizedDescription)
    }

    @Test func whatTheGatewaySaysIsThere() async throws {
        try await Sandbox.with { sandbox in
            let client = try Daraja(
                credentials: CredentialsSource { try SandboxKeys.daraja(passKey: "wrong") },
                settings: sandbox.settings())
            let error = try await caught { try await client.stkPush(sale(1)) }
            #expect(error.httpStatus == 500 && error.requestId != nil && error.code == "500.001.1001")
            #expect(error.disposition == .rejected && error.remedy == .correctSettings)
        }
    }

    @Test func whoeverIsToldHowItFailedHasNothingToClaim() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            // While something is under way a payment that has not left may still leave.
            try await sandbox.inject(CancellationTests.slow)
            let pushing = Task { try await client.stkPush(sale(1)) }
            try await eventually("the push has arrived") { try await sandbox.counters()["push_attempts"]?.whole == 1 }
            try await sandbox.inject(
                .object(["step": .text("push"), "kind": .text("spike_arrest"), "times": .text("forever")]))
            let error = try await caught { try await client.stkPush(sale(2), timeout: 0.3) }
            #expect(error.disposition == .notSent && !client.isAtRest)
            #expect(client.unclaimed().isEmpty)
            _ = try await inTime("the push") { try await pushing.value }
            #expect(client.unclaimed().isEmpty)
        }
    }

    @Test func whatTheAppItselfThrowsIsACause() async throws {
        struct LockedKeychain: Error, CustomStringConvertible {
            let description = "the keychain is locked"
        }
        try await Sandbox.with { sandbox in
            let locked = Guarded(true)
            let client = try Daraja(
                credentials: CredentialsSource {
                    if locked.now { throw LockedKeychain() }
                    return try SandboxKeys.daraja()
                }, settings: sandbox.settings())
            let error = try await caught { try await client.stkPush(sale(1)) }
            #expect(error.disposition == .notSent && error.retryable && error.remedy == .tryAgain)
            #expect(error.causes.contains { $0.contains("the keychain is locked") })
            #expect(error.failureReason == error.causes.first)
            locked.with { $0 = false }
            _ = try await client.stkPush(sale(1))
            #expect(try await sandbox.prompts() == 1)
        }
    }

    @Test func anErrorOfLipiasThatTheAppMeetsIsTheErrorOfTheCall() async throws {
        try await Sandbox.with { sandbox in
            let client = try Daraja(
                credentials: CredentialsSource {
                    try .daraja(
                        consumerKey: "sandbox-key", consumerSecret: "sandbox-secret", shortCode: "till nine",
                        passKey: SandboxKeys.passKey)
                }, settings: sandbox.settings())
            let own = try caughtAtOnce { try Credentials.accessToken("token", shortCode: "till nine") }
            for error in [
                try await caught { try await client.stkPush(sale(1)) },
                try await caught { try await client.request(sale(2), order: "table-9") },
            ] {
                #expect(
                    error.field == "shortCode" && error.code == own.code && error.disposition == .notSent, "\(error)")
                #expect(error.remedy == own.remedy && error.message == own.message)
            }
            #expect(try await sandbox.pushAttempts() == 0)
        }
    }

    @Test func credentialsAreAskedForWhenTheyAreNeededAndForgotten() async throws {
        try await Sandbox.with { sandbox in
            let asked = Guarded(0)
            let client = try Daraja(
                credentials: CredentialsSource {
                    asked.with { $0 += 1 }
                    return try SandboxKeys.daraja()
                }, settings: sandbox.settings())
            #expect(asked.now == 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...8 { group.addTask { _ = try await client.stkPush(sale(number)) } }
                try await group.waitForAll()
            }
            #expect(asked.now == 1)
            client.forgetCredentials()
            _ = try await client.stkPush(sale(9))
            #expect(asked.now == 2)
        }
    }
}

/// The error that a call ends with.
func caught<Value>(_ call: () async throws -> Value) async throws -> LipiaError {
    do {
        _ = try await call()
    } catch let error as LipiaError {
        return error
    }
    throw Failure("there is no error")
}

func caughtAtOnce<Value>(_ call: () throws -> Value) throws -> LipiaError {
    do {
        _ = try call()
    } catch let error as LipiaError {
        return error
    }
    throw Failure("there is no error")
}
