import Foundation
import Lipia
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
            let paid = try await sellTea(
                sandbox: sandbox.baseUrl, credentials: CredentialsSource { try SandboxKeys.daraja() })
            #expect(paid.isPaid)
        }
    }

    @Test func aTillThatIsOpenedAsksNobody() async throws {
        let keychain = Keychain()
        #expect(try openTill(keychain).isAtRest)
        #expect(await keychain.asked == 0)
    }

    @Test func aSaleIsShown() async throws {
        try await Sandbox.with { sandbox in
            var shown: [String] = []
            try await sell(try sandbox.daraja()) { shown.append($0) }
            #expect(shown.last == "paid")
            try await sandbox.script("254712345678", "cancel")
            try await sell(try sandbox.daraja()) { shown.append($0) }
            #expect(shown.last == describe(code: "1032").customerMessageSw)
        }
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

    @Test func aPaymentIsTakenUpAgain() async throws {
        try await Sandbox.with { sandbox in
            let daraja = try sandbox.daraja()
            let payment = try daraja.reserve(sale(1))
            try await daraja.push(payment)
            let other = try sandbox.daraja()
            #expect(try await afterRestart(other, saved: payment.toJson()).isPaid)
            #expect(try await sandbox.prompts() == 1)
        }
    }
}
