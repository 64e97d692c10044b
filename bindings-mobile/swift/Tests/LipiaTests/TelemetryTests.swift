import Foundation
import LipiaTesting
import Testing

@testable import Lipia

/// An observer is told of what a client does, and of nothing secret. Other tests run beside these, so each looks at its own payment.
@Suite(.serialized) struct TelemetryTests {
    @Test func aPushIsATreeOfSpansAndOneMoreOfItsCounter() async throws {
        let spans = Guarded<[TelemetrySpan]>([])
        let counts = Guarded<[TelemetryCount]>([])
        setObserver(onCount: { count in counts.with { $0.append(count) } }, { span in spans.with { $0.append(span) } })
        defer { setObserver(nil) }
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            let payment = try client.reserve(
                StkPush(phoneNumber: "0712345671", amount: 150, accountReference: "INV-1"))
            _ = try await client.push(payment)
            let told = spans.now
            let mine = told.filter { $0.attributes["lipia.payment.id"] == payment.id }
            let push = try #require(mine.first { $0.name == "lipia.push" })
            #expect(push.parent == nil && !push.isError && push.duration > 0)
            #expect(push.attributes["lipia.result"] == "accepted")
            #expect(push.attributes["lipia.phone_number"] == "2547***671")
            let within = told.filter { $0.parent == push.id }
            #expect(Set(within.map(\.name)) == ["lipia.token", "POST"])
            let sent = try #require(within.first { $0.name == "POST" })
            #expect(sent.isClient && sent.attributes["http.response.status_code"] == "200")
            #expect(counts.now.contains { $0.counter == "lipia.pushes" && $0.attributes["lipia.result"] == "accepted" })
            let shown = "\(told) \(counts.now)"
            #expect((SecretTests.secrets + ["712345671"]).filter { shown.contains($0) } == [])
        }
    }

    @Test func nobodyIsToldWhereNobodyObserves() async throws {
        let spans = Guarded<[TelemetrySpan]>([])
        setObserver { span in spans.with { $0.append(span) } }
        setObserver(nil)
        try await Sandbox.with { sandbox in
            let client = try sandbox.daraja()
            let payment = try client.reserve(sale(1))
            _ = try await client.push(payment)
            #expect(!spans.now.contains { $0.attributes["lipia.payment.id"] == payment.id })
        }
    }
}
