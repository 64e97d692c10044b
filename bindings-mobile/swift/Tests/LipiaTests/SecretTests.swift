import Foundation
import LipiaTesting
import Testing

@testable import Lipia

/// Nothing that is printed, dumped or logged shows a secret, a payer's number, a prompt's id or the token of a callback URL.
@Suite(.serialized) struct SecretTests {
    static let number = "254712345671"
    static let secrets = [
        "sandbox-key", SandboxKeys.consumerSecret, SandboxKeys.passKey, "pp_live_sandbox", "sandbox-upesipay-token",
        "sandbox-payhero-token",
        "a-token-of-the-server", "a-seal-of-many-characters",
    ]

    @Test func whatIsShownHidesThem() async throws {
        try await Sandbox.with { sandbox in
            let usual = sandbox.settings()
            let settings = ClientSettings(
                environment: usual.environment, baseUrl: usual.baseUrl, callbackUrl: usual.callbackUrl,
                callbackSecrets: ["a-seal-of-many-characters"], wait: usual.wait)
            let client = try sandbox.daraja(settings: settings)
            let push = StkPush(phoneNumber: "0712345671", amount: 150, accountReference: "INV-1")
            let payment = try client.reserve(push)
            let acceptance = try await client.push(payment)
            let progress = Guarded<[PaymentProgress]>([])
            for try await news in client.watch(payment) { progress.with { $0.append(news) } }
            let paid = payment.snapshot()
            let status = try await client.stkQuery(acceptance.id)
            let body = Data(
                #"{"Body":{"stkCallback":{"MerchantRequestID":"1","CheckoutRequestID":"\#(acceptance.id)","ResultCode":0,"ResultDesc":"ok","CallbackMetadata":{"Item":[{"Name":"Amount","Value":1},{"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"},{"Name":"PhoneNumber","Value":\#(SecretTests.number)}]}}}}"#
                    .utf8)
            let received = try await client.receiveCallback(path: paid.push.callbackUrl, body: body)
            #expect(received.verdict == .mismatch)
            try await sandbox.inject(step: "push", kind: "answer_lost")
            let error = try await caught { try await client.stkPush(push) }
            let timed = try password(shortCode: "174379", passKey: SandboxKeys.passKey, at: Date())

            let shown: [String: any Sendable] = [
                "credentials": try SandboxKeys.daraja(), "palPluss": SandboxKeys.palPluss,
                "upesiPay": SandboxKeys.upesiPay, "payHero": SandboxKeys.payHero,
                "accessToken": try Credentials.accessToken("a-token-of-the-server", shortCode: "174379"),
                "provider": CredentialsSource { try SandboxKeys.daraja() }, "settings": settings, "client": client,
                "push": push, "handle": payment, "acceptance": acceptance, "payment": paid,
                "flagged": payment.snapshot(), "flags": payment.snapshot().flags, "pushed": paid.push,
                "status": status, "event": received.event, "received": received, "error": error,
                "details": error.details, "progress": progress.now, "number": try parsePhoneNumber(SecretTests.number),
                "expected": Expected(phoneNumber: SecretTests.number, checkoutRequestId: acceptance.id),
                "timed": timed, "watch": client.watch(payment),
            ]
            let token = try #require(paid.push.callbackUrl.split(separator: "/").last).description
            let hidden =
                SecretTests.secrets
                + [SecretTests.number, "0712345671", acceptance.id, token, timed.password]
            #expect(!payment.snapshot().flags.isEmpty && !progress.now.isEmpty)
            for (name, value) in shown {
                var dumped = ""
                dump(value, to: &dumped)
                for text in ["\(value)", String(reflecting: value), String(reflecting: [value]), dumped] {
                    #expect(hidden.filter { text.contains($0) } == [], "\(name): \(text)")
                }
            }
            // And still it says what a reader needs.
            #expect("\(paid)".contains(paid.id) && "\(paid)".contains("success"))
            #expect("\(client)" == "Client(gateway=daraja)" && "\(push)".contains("150"))
        }
    }

    @Test func theLogHidesThem() async throws {
        let lines = Guarded<[String]>([])
        setLogger(level: .debug) { level, line in lines.with { $0.append("\(level) \(line)") } }
        defer { setLogger(nil) }
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            let payment = try client.reserve(
                StkPush(phoneNumber: "0712345671", amount: 150, accountReference: "INV-1"))
            let acceptance = try await client.push(payment)
            _ = try await client.wait(payment)
            let url = payment.snapshot().push.callbackUrl
            _ = try await caught { try await client.receiveCallback(path: url + "x", body: Data("{}".utf8)) }
            let told = lines.now.joined(separator: "\n")
            #expect(told.contains("info the push was accepted"), "\(told)")
            let token = try #require(url.split(separator: "/").last).description
            let hidden = SecretTests.secrets + [SecretTests.number, "0712345671", acceptance.id, token]
            #expect(hidden.filter { told.contains($0) } == [])
        }
    }

    @Test func nobodyIsToldWhereNobodyListens() async throws {
        let lines = Guarded<[String]>([])
        setLogger(level: .debug) { _, line in lines.with { $0.append(line) } }
        setLogger(nil)
        try await Sandbox.with { sandbox in
            _ = try await sandbox.daraja().stkPush(sale(1))
        }
        #expect(lines.now == [])
    }
}
