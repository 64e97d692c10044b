import Foundation
import Lipia
import LipiaTesting
import Testing

/// Bad input of any kind ends in a clear error: it neither traps nor hangs.
struct BadInputTests {
    static let texts = [
        "", " ", "x", "\0", "\u{1F600}", "\u{E9}", "\u{202E}0712345678\u{202C}", "a\nb", "1e400", "null", "{}",
        "[", "__proto__", String(repeating: "[", count: 10_000), String(repeating: "0", count: 1_000_000),
        String(repeating: "\u{436}", count: 500_000),
    ]

    @Test func oddTextsAreRefusedOrRead() throws {
        for text in BadInputTests.texts {
            try endsClearly { try parsePhoneNumber(text) }
            try endsClearly { try parseAmount(text) }
            try endsClearly { try parseMoney(text) }
            try endsClearly { try parseMoney(text, jsonNumber: true) }
            try endsClearly { try parseAccountReference(text) }
            try endsClearly { try parseTransactionDesc(text, limit: 3, fit: .truncate) }
            try endsClearly { try parseCallbackUrl(text) }
            try endsClearly { try password(shortCode: text, passKey: text, at: Date()) }
            try endsClearly { try parseCallback(Data(text.utf8)) }
            try endsClearly { try Payment(json: text) }
            try endsClearly {
                try Credentials.daraja(consumerKey: text, consumerSecret: text, shortCode: text, passKey: text)
            }
            try endsClearly { try Credentials.accessToken(text, shortCode: text) }
            #expect(describe(code: text).code == "*")
        }
    }

    @Test func oddNumbersAreRefusedOrRead() throws {
        for number in [Int.min, -1, 0, 1, Int(Int32.max), Int.max] {
            try endsClearly { try parseAmount("1", maxAmount: number) }
            try endsClearly { try parseAccountReference("INV-1", limit: number) }
            try endsClearly { try client(ClientSettings(maxAmount: number)).reserve(sale(1)) }
            try endsClearly { try client(ClientSettings(maxReferenceCharacters: number)) }
            try endsClearly {
                let push = StkPush(phoneNumber: "0712345678", amount: number, accountReference: "INV-1")
                return try client(ClientSettings(callbackUrl: "http://127.0.0.1:9/pay")).reserve(push)
            }
        }
        #expect(try caughtAtOnce { try parseAmount("1", maxAmount: -1) }.field == "amount")
    }

    @Test func oddTimesAreRefusedOrRead() async throws {
        let seconds: [TimeInterval] = [.nan, .infinity, -.infinity, -1, 0, -0.0, .leastNonzeroMagnitude, 1e308]
        for time in seconds {
            try endsClearly { try client(ClientSettings(timeout: time)) }
            try endsClearly { try client(ClientSettings(wait: WaitOptions(timeout: time, firstQueryAfter: time))) }
            try endsClearly { try Credentials.accessToken("token", shortCode: "174379", lifetime: time) }
        }
        let offline = try client()
        let payment = try offline.reserve(sale(1))
        for time in [TimeInterval.nan, -1, .infinity] {
            let error = try await caught { try await offline.push(payment, timeout: time) }
            #expect(error.disposition == .notSent && error.field == "timeout", "\(error)")
            let watched = try await caught {
                for try await _ in offline.watch(payment, wait: WaitOptions(timeout: time)) {}
            }
            #expect(watched.field == "timeout")
        }
        #expect(payment.snapshot().state == .reserved)
        for date in [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: -0.5)] {
            try endsClearly { try password(shortCode: "174379", passKey: SandboxKeys.passKey, at: date) }
        }
        for seconds in seconds {
            try endsClearly {
                try password(
                    shortCode: "174379", passKey: SandboxKeys.passKey, at: Date(timeIntervalSince1970: seconds))
            }
        }
    }

    @Test func oddBodiesAndPathsAreNotBelieved() async throws {
        let client = try client()
        let bodies = BadInputTests.texts.map { Data($0.utf8) } + [Data([0xFF, 0xFE, 0x00]), Data(count: 100_000)]
        for body in bodies {
            #expect(try caughtAtOnce { try client.parseCallback(body) }.remedy == .disbelieve)
            for path in ["", "/", "/pay/x", String(repeating: "/", count: 100_000), "\0"] {
                let error = try await caught {
                    try await client.receiveCallback(
                        path: path, body: body, peer: "not an address", forwardedFor: ["", "x, y"])
                }
                #expect(error.remedy == .disbelieve)
            }
        }
    }

    @Test func settingsAreNamed() throws {
        for (settings, field) in [
            (ClientSettings(baseUrl: "http://shop.example"), "baseUrl"),
            (ClientSettings(callbackUrl: "ftp://shop.example"), "callbackUrl"),
            (ClientSettings(callbackSecrets: ["short"]), "callbackSecrets"),
            (ClientSettings(timeout: -1), "timeout"),
            (ClientSettings(caBundle: "/nowhere.pem"), "caBundle"),
        ] {
            let error = try caughtAtOnce { try client(settings) }
            #expect([.correctSettings, .correctInput].contains(error.remedy), "\(error.details)")
            #expect(error.field == field && error.disposition == .notSent, "\(error.details)")
        }
        let saved = try client().reserve(sale(1)).toJson()
        let other = try PalPluss(credentials: CredentialsSource { SandboxKeys.palPluss })
        let resumed = try caughtAtOnce { try other.resume(json: saved) }
        #expect(resumed.code == "payment_of_another_gateway" && resumed.remedy == .correctInput)
        #expect(try caughtAtOnce { try other.find("no id") }.remedy == .correctInput)
    }

    /// A client that nobody answers.
    private func client(_ settings: ClientSettings? = nil) throws -> Daraja {
        try Daraja(
            credentials: CredentialsSource { try SandboxKeys.daraja() },
            settings: settings
                ?? ClientSettings(
                    environment: .sandbox, baseUrl: "http://127.0.0.1:9", callbackUrl: "http://127.0.0.1:9/pay"))
    }

    /// It works, or it ends in an error of ours with a sentence.
    private func endsClearly<Value>(_ call: () throws -> Value) throws {
        do {
            _ = try call()
        } catch let error as LipiaError {
            #expect(!error.code.isEmpty && !error.message.isEmpty && !error.description.contains("\n"))
            #expect(error.description.utf8.count < 2_000, "what was handed in is repeated")
        }
    }
}
