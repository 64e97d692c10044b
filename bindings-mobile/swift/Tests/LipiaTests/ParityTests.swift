import Foundation
import Lipia
import Testing

/// Parity with the core: a verb or a word that the core has and Swift lacks fails here. The compiler sees to it
/// that what is named here exists.
struct ParityTests {
    /// The methods of the core's client, and what each is here.
    static var verbs: [String: [Any]] {
        [
            "stk_push": [Client.stkPush], "reserve": [Client.reserve],
            "stk_query": [Client.stkQuery as (Client) -> (String, TimeInterval?) async throws -> Status],
            "push": [Client.push], "ask": [Client.ask],
            "collect": [Client.collect as (Client) -> (StkPush, WaitOptions?, TimeInterval?) async throws -> Payment],
            "collect_payment": [Client.collect as (Client) -> (PaymentHandle, WaitOptions?) async throws -> Payment],
            "wait": [Client.wait as (Client) -> (PaymentHandle, WaitOptions?) async throws -> Payment],
            "wait_by_id": [Client.wait as (Client) -> (String, WaitOptions?) async throws -> Status],
            "watch": [Client.watch], "find": [Client.find], "unclaimed": [Client.unclaimed],
            "resume": [Client.resume(_:), Client.resume(json:)], "parse_callback": [Client.parseCallback],
            "receive_callback": [Client.receiveCallback], "believe": [Client.believe], "drain": [Client.drain],
            "is_at_rest": [\Client.isAtRest], "gateway": [\Client.gateway],
            "forget_credentials": [Client.forgetCredentials],
            "request": [Client.request as (Client) -> (StkPush, String?, TimeInterval?) async throws -> Payment],
            "on_outcome": [\Client.outcomes], "stop": [Client.stop],
        ]
    }

    /// Methods of the core's client that Swift has no method for, and what it has instead.
    static let apart = [
        "push_and_tell": "for bindings", "forget_handler": "for bindings", "with_options": "the argument timeout",
        "callback_secrets": "a setting",
        "guard": "a setting: it is on or off", "guard_standing": "a till pushes to few phones: errors tell until when",
        "check": "a merchant's settings are checked on the command line",
        "start": "a loop over outcomes starts it", "set_max_tellings": "a loop takes one after the other",
    ]

    @Test func everyVerbOfTheCoreIsThere() throws {
        let folder = Repository.root.appendingPathComponent("core/src")
        let verbs = try Repository.names(in: "src/client/verbs").filter { $0.hasSuffix(".rs") && $0 != "mod.rs" }
        var names: Set<String> = []
        for file in ["client/mod.rs"] + verbs.map({ "client/verbs/\($0)" }) {
            names.formUnion(methods(try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)))
        }
        #expect(names.count >= 20, "\(names.sorted())")
        #expect(names.subtracting(ParityTests.verbs.keys).subtracting(ParityTests.apart.keys) == [])
        #expect(Set(ParityTests.verbs.keys).union(ParityTests.apart.keys).subtracting(names) == [], "not in the core")
    }

    /// The public methods of `impl Client` blocks.
    private func methods(_ source: String) -> Set<String> {
        var names: Set<String> = []
        var isInside = false
        for line in source.split(separator: "\n") {
            if line.hasPrefix("impl Client {") { isInside = true }
            if line.hasPrefix("}") { isInside = false }
            guard isInside, let match = line.firstMatch(of: /^ {4}pub (?:const |async )*fn (\w+)/) else { continue }
            names.insert(String(match.1))
        }
        return names
    }

    /// The compiler knows the words; that they are the words of the vectors and stories is known by these having been run.
    @Test func everyWordIsOneOfTheCore() {
        #expect(Outcome.allCases.count == Set(Outcome.allCases.map { $0.word }).count)
        #expect(Outcome.allCases.filter { $0.isPaid } == [.success])
        #expect(Outcome.insufficientFunds.word == "insufficient_funds" && !Outcome.unknown.isFinal)
        #expect(Remedy.allCases.count == 8 && ErrorKind.allCases.count == 15)
        #expect(GatewayName.allCases.map { $0.word } == ["daraja", "palpluss", "upesipay", "payhero"])
    }

    @Test func everythingThatIsHandedAroundIsSendable() {
        func sendable<Value: Sendable>(_: Value.Type) {}
        sendable(Client.self)
        sendable(Daraja.self)
        sendable(PaymentHandle.self)
        sendable(Payment.self)
        sendable(PaymentProgress.self)
        sendable(PaymentWatch.self)
        sendable(LipiaError.self)
        sendable(Credentials.self)
        sendable(Event.self)
        sendable(ReceivedCallback.self)
        sendable(Ledger.self)
        sendable(Payments.self)
        sendable(Telling.self)
        sendable(Outcomes.self)
        sendable((any PaymentClient).self)
        sendable((any CredentialsProvider).self)
    }
}
