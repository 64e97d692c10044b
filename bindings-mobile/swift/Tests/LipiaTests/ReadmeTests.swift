import Foundation
import Lipia
import LipiaTesting
import Testing

/// What the project's README.md and this library's show is compiled (`Quickstart.swift`), and does what it says.
struct ReadmeTests {
    @Test func whatItShowsIsWhatIsCompiled() throws {
        let folder = Repository.root.appendingPathComponent("bindings-mobile/swift")
        let readme = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
        let compiled = try String(
            contentsOf: folder.appendingPathComponent("Tests/LipiaTests/Quickstart.swift"), encoding: .utf8)
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(blocks.count == 4)
        let front = try String(contentsOf: Repository.root.appendingPathComponent("README.md"), encoding: .utf8)
        let first = front.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        #expect(first.count == 1)
        for block in blocks + first { #expect(compiled.contains("\n" + block), "\(block)") }
        for remedy in Remedy.allCases { #expect(readme.contains("`\(remedy)`"), "\(remedy)") }
    }

    @Test func theFirstSaleIsPaid() async throws {
        try await Sandbox.with { sandbox in
            let till = try sandbox.daraja()
            #expect(try await sellTea(till: till).isPaid)
            #expect(try await sellTea(till: till).isPaid)
            #expect(try await sandbox.prompts() == 1)
        }
    }

    @Test func aTillThatIsOpenedAsksNobody() async throws {
        try await withFolder { folder in
            let keychain = Keychain()
            let till = try openTill(keychain, folder)
            #expect(till.isAtRest)
            #expect(await keychain.asked == 0)
        }
    }

    @Test func aSaleIsMadeOnceAndTold() async throws {
        try await withFolder { folder in
            try await Sandbox.with { sandbox in
                let till = try sandbox.daraja(ledger: .file(folder.appendingPathComponent("payments.db")))
                var shown: [String] = []
                try await sell(till, order: "table-9-lunch") { shown.append($0) }
                try await sell(till, order: "table-9-lunch") { shown.append($0) }
                #expect(shown == ["waiting for the customer", "this sale is in flight"])
                let told = Guarded<[Payment]>([])
                let listening = Task { await listen(till) { payment in told.with { $0.append(payment) } } }
                try await eventually("the outcome is told and acknowledged") {
                    let owed = try await till.payments.report().owed
                    return !told.now.isEmpty && owed == 0
                }
                listening.cancel()
                await listening.value
                #expect(told.now.map(\.isPaid) == [true] && told.now[0].order == "table-9-lunch")
                #expect(try await sandbox.prompts() == 1)
                shown = []
                try await sell(till, order: "table-9-lunch") { shown.append($0) }
                #expect(shown == ["paid already, receipt on the statement"])
            }
        }
    }

    @Test func anOrderWhosePaymentFailedSaysWhenItIsFree() async throws {
        try await withFolder { folder in
            try await Sandbox.with { sandbox in
                try await sandbox.script("0712 345 678", "cancel")
                let till = try sandbox.daraja(ledger: .file(folder.appendingPathComponent("payments.db")))
                var shown: [String] = []
                try await sell(till, order: "table-9-lunch") { shown.append($0) }
                let listening = Task { await listen(till) { _ in } }
                try await eventually("the cancellation is known") {
                    try await till.payments.ofOrder("table-9-lunch")[0].state == .settled
                }
                listening.cancel()
                await listening.value
                try await sell(till, order: "table-9-lunch") { shown.append($0) }
                #expect(shown[1].hasPrefix("not paid; the order is free again at "), "\(shown)")
                #expect(try await sandbox.prompts() == 1)
            }
        }
    }

    @Test func aTestOfAnAppIsWrittenWithTheSandbox() async throws {
        #expect(try await paidInTheSandbox().isPaid)
        let declined = try declined()
        #expect(
            declined.outcome == .insufficientFunds && declined.state == .settled && declined.order == "table-9-lunch")
    }

    @Test func anErrorSaysWhatToDo() async throws {
        try await Sandbox.with { sandbox in
            let usual = sandbox.settings()
            let daraja = try sandbox.daraja(
                settings: ClientSettings(
                    environment: .sandbox, baseUrl: usual.baseUrl, callbackUrl: usual.callbackUrl,
                    wait: WaitOptions(timeout: 0.2)))
            let prompted = try await pushCarefully(daraja, sale(1))
            #expect(prompted.hasPrefix("ws_CO_"))
            try await sandbox.inject(step: "push", kind: "answer_lost")
            #expect(try await pushCarefully(daraja, sale(2)) == "unknown")
            #expect(try await sandbox.counters()["push_attempts"]?.whole == 2)
            let offline = try Daraja(
                credentials: CredentialsSource { try SandboxKeys.daraja() },
                settings: ClientSettings(
                    environment: .sandbox, baseUrl: "http://127.0.0.1:9", callbackUrl: "http://127.0.0.1:9/pay"))
            #expect(try await pushCarefully(offline, sale(3)).hasPrefix("Nobody was prompted"))
            let refused = try await pushCarefully(
                daraja, StkPush(phoneNumber: "0712", amount: 150, accountReference: "INV-001"))
            #expect(refused.contains("phone number"))
        }
    }
}
