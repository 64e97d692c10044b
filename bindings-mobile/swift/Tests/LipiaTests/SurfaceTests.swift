import Foundation
import Lipia
import LipiaTesting
import Testing

/// What an app's completion shows, and how the types behave that an app keeps in its own.
struct SurfaceTests {
    /// Everything that the generated module offers to apps, by its first word: a name that begins like plumbing is none of it.
    /// `.ci/swift-outside` has an app look at it.
    @Test func nothingThatIsGeneratedIsSeenUnlessItIsMeantTo() throws {
        let folder = Repository.root.appendingPathComponent("bindings-mobile/swift/Sources/LipiaMobile")
        let generated = try String(contentsOf: folder.appendingPathComponent("LipiaMobile.swift"), encoding: .utf8)
        let kind = /(?m)^ *(?:public|open) +(?:\w+ +)*?(?:func|class|struct|enum|protocol|let|var|typealias) +(\w+)/
        let names = Set(generated.matches(of: kind).map { String($0.1) })
        #expect(names.isSuperset(of: ["Payment", "Outcome", "StkPush", "word", "describe"]), "\(names.sorted())")
        let plumbing = /(?i)^(native|ffi|uniffi|rust|foreign|handle$|noHandle)|Protocol$|Impl$/
        // Members of types that are hidden themselves.
        let ofHidden = ["lift", "lower", "read", "write", "uniffiCloneHandle"]
        #expect(names.filter { $0.contains(plumbing) && !ofHidden.contains($0) } == [])
    }

    @Test func handlesAreEqualByTheirPayment() async throws {
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            let payment = try client.reserve(sale(1))
            let found = try #require(try client.find(payment.id))
            #expect(found == payment && found.hashValue == payment.hashValue && found !== payment)
            #expect(try client.reserve(sale(1)) != payment)
            #expect(Set([payment, found]).count == 1)
        }
    }

    @Test func aPaymentIsKeptInTypesOfTheAppsOwn() throws {
        struct Table: Codable, Identifiable {
            let id: Int
            let payment: Payment
            let outcome: Outcome
        }
        let payment = try Payment.sample(sale(1), outcome: .wrongPin)
        let kept = try JSONEncoder().encode(Table(id: 9, payment: payment, outcome: payment.outcome))
        #expect(String(decoding: kept, as: UTF8.self).contains(#""outcome":"wrong_pin""#))
        let table = try JSONDecoder().decode(Table.self, from: kept)
        #expect(table.payment == payment)
        #expect(table.outcome == .wrongPin)
        for payment in [
            try Payment.sample(sale(1), order: "table-9", isExisting: true),
            try Payment.sample(sale(1), outcome: .cancelled, order: "table-9"),
        ] {
            let read = try JSONDecoder().decode(Payment.self, from: JSONEncoder().encode(payment))
            #expect(read == payment && read.order == "table-9" && read.isExisting == payment.isExisting)
            let text = try JSONDecoder().decode([Payment].self, from: JSONEncoder().encode([payment.toJson()]))[0]
            #expect(try text == Payment(json: payment.toJson()) && text.order == nil)
        }
        #expect(throws: LipiaError.self) { try JSONDecoder().decode([Payment].self, from: Data(#"["{}"]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Outcome].self, from: Data(#"["paid"]"#.utf8)) }
    }

    @Test func anErrorNamesWhatSwiftCallsIt() async throws {
        #expect {
            try Payment(json: "{}")
        } throws: {
            $0.localizedDescription.contains("`toJson()`")
        }
        try await Sandbox.with { sandbox in
            let daraja = try Daraja(
                credentials: CredentialsSource { SandboxKeys.palPluss }, settings: sandbox.settings())
            await #expect {
                try await daraja.stkPush(sale(1))
            } throws: {
                let error = $0 as? LipiaError
                return error?.code == "keys_of_another_gateway" && error?.field == "credentials"
            }
        }
    }

    @Test func aWordIsReadBack() {
        for outcome in Outcome.allCases { #expect(Outcome(word: outcome.word) == outcome) }
        for gateway in GatewayName.allCases { #expect(GatewayName(word: gateway.word) == gateway) }
        #expect(Remedy(word: "try_again") == .tryAgain && Remedy(word: "tryAgain") == nil)
    }

    @Test func anAmountIsAWholeNumberADecimalOrText() throws {
        let client = try Daraja(
            credentials: CredentialsSource { try SandboxKeys.daraja() },
            settings: ClientSettings(environment: .sandbox, callbackUrl: "https://shop.example.co.ke/pay"))
        let amount = { (push: StkPush) in try client.reserve(push).snapshot().push.amount }
        let total: Decimal = [99.50, 50.50].reduce(0, +)
        #expect(try amount(StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "A")) == 150)
        #expect(try amount(StkPush(phoneNumber: "0712345678", amount: total, accountReference: "A")) == 150)
        let typed = StkPush(phoneNumber: "0712345678", amount: "150.00", accountReference: "A")
        #expect(try amount(typed) == 150 && typed.fit == .refuse)
        let half = Decimal(string: "149.5")!
        let refused = try caughtAtOnce {
            try amount(StkPush(phoneNumber: "0712345678", amount: half, accountReference: "A"))
        }
        #expect(refused.field == "amount")
        let rounded = StkPush(phoneNumber: "0712345678", amount: half, accountReference: "A", roundAmount: true)
        #expect(try amount(rounded) == 150)
        let none = try caughtAtOnce {
            try amount(StkPush(phoneNumber: "0712345678", amount: Decimal.nan, accountReference: "A"))
        }
        #expect(none.field == "amount")
        #expect(try parseAmount("1500.00") == 1500)
        #expect(try caughtAtOnce { try parseAmount("1,500") }.field == "amount")
        let cut = StkPush(
            phoneNumber: "0712345678", amount: 1, accountReference: "TABLE-9-LUNCH-AND-COFFEE", fit: .truncate)
        #expect(try client.reserve(cut).snapshot().push.accountReference == "TABLE-9-LUNC")
        #expect(cut.fit == .truncate)
    }

    @Test func anErrorIsWrittenAsSwiftIs() throws {
        let long = try caughtAtOnce { try parseAccountReference("TABLE-9-LUNCH-AND-COFFEE") }
        #expect(long.description.contains("`fit: .truncate`"), "\(long)")
        let half = try caughtAtOnce { try parseAmount("1.5") }
        #expect(half.description.contains("`roundAmount: true`"), "\(half)")
        #expect(!long.description.contains(" set to ") && !half.description.contains(" set to "))
        let client = try Daraja(
            credentials: CredentialsSource { try SandboxKeys.daraja() }, settings: ClientSettings(environment: .sandbox)
        )
        let without = try caughtAtOnce { try client.reserve(sale(1)) }
        #expect(without.field == "callbackUrl" && without.description.contains("`callbackUrl`"), "\(without)")
    }

    @Test func aTillIsTestedWithAClientThatIsFaked() async throws {
        let declined = FakedClient(outcome: .cancelled)
        #expect(try await ring(declined, up: "table-9") == "cancelled")
        #expect(try await ring(FakedClient(outcome: .success), up: "table-9") == "success")
        var heard: [String] = []
        for await outcome in declined.outcomes {
            heard.append(outcome.payment.outcome.word)
            #expect(try await outcome.done())
        }
        #expect(heard == ["cancelled"])
    }

    @Test func aSampleHasTheOutcomeThatIsAskedFor() throws {
        for outcome in Outcome.allCases {
            let payment = try Payment.sample(sale(1), outcome: outcome, order: "table-9")
            #expect(payment.outcome == outcome && payment.isPaid == (outcome == .success), "\(outcome): \(payment)")
            #expect(payment.order == "table-9" && payment.push.amount == 150)
        }
        #expect(try Payment.sample(sale(1)).receipt == "UAB1CD2EF3")
        let unnamed = try Payment.sample(sale(1), receipt: nil)
        #expect(unnamed.isPaid && unnamed.state == .settled && unnamed.receipt == nil)
        for outcome in [Outcome.failed, .reversed] {
            #expect(try Payment.sample(sale(1), outcome: outcome).state == .settled)
        }
        #expect {
            try Payment.sample(sale(1), receipt: "")
        } throws: {
            $0 is SandboxFailure && $0.localizedDescription.contains("is not a receipt")
        }
    }

    @Test func thePrivacyManifestIsAResource() throws {
        let root = Repository.root.appendingPathComponent("bindings-mobile/swift")
        let manifest = root.appendingPathComponent("Sources/Lipia/PrivacyInfo.xcprivacy")
        // Where SwiftPM puts what it was told to copy: beside the tests.
        let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let copied = built.appendingPathComponent("Lipia_Lipia.resources/PrivacyInfo.xcprivacy")
        #expect(try Data(contentsOf: copied) == Data(contentsOf: manifest))
        let read = try PropertyListSerialization.propertyList(from: Data(contentsOf: manifest), format: nil)
        let privacy = try #require(read as? [String: Any])
        #expect(privacy["NSPrivacyTracking"] as? Bool == false)
        let accessed = try #require(privacy["NSPrivacyAccessedAPITypes"] as? [[String: Any]])
        #expect(
            accessed.map { $0["NSPrivacyAccessedAPIType"] as? String } == ["NSPrivacyAccessedAPICategoryFileTimestamp"])
        #expect(accessed[0]["NSPrivacyAccessedAPITypeReasons"] as? [String] == ["C617.1"])
    }
}

/// A till's sale, written for any client.
private func ring(_ client: any PaymentClient, up order: String) async throws -> String {
    try await client.request(sale(1), order: order).outcome.word
}

private struct FakedClient: PaymentClient {
    struct Nothing: PaymentLookup {
        func get(_ id: String) async throws -> Payment { throw Failure("no such payment") }
        func ofOrder(_ order: String) async throws -> [Payment] { [] }
        func search(_ search: PaymentSearch, page: Int64?, limit: Int) async throws -> PaymentPage {
            throw Failure("not asked for")
        }
        func ask(_ id: String, timeout: TimeInterval?) async throws -> Payment { throw Failure("no such payment") }
        func release(_ order: String) async throws -> Payment { throw Failure("no such order") }
        func resolve(_ id: String, _ resolution: Resolution) async throws -> Payment {
            throw Failure("no such payment")
        }
    }

    let outcome: Outcome
    let gateway = GatewayName.daraja
    let payments = Nothing()

    func request(_ push: StkPush, order: String?, timeout: TimeInterval?) async throws -> Payment {
        try .sample(push, outcome: outcome, order: order)
    }

    func collect(_ push: StkPush, order: String, wait: WaitOptions?) async throws -> Payment {
        try .sample(push, outcome: outcome, order: order)
    }

    var outcomes: Outcomes {
        Outcomes(
            faking: AsyncStream { told in
                if let payment = try? Payment.sample(sale(1), outcome: outcome) {
                    told.yield(Telling(faking: payment))
                }
                told.finish()
            })
    }

    func drain() async throws {}
    func forgetCredentials() {}
}
