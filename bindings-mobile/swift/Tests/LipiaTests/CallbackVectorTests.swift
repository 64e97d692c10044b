import Foundation
import Lipia
import LipiaTesting
import Testing

/// Every body of `core/vectors/callbacks` says here what it says everywhere.
struct CallbackVectorTests {
    /// How many bodies of each gateway there were when this was last looked at.
    static let least: [GatewayName: Int] = [.daraja: 104, .palPluss: 23, .upesiPay: 18, .payHero: 6]

    struct Body {
        let name: String
        let content: Data
        let expected: JSON
    }

    @Test(arguments: GatewayName.allCases) func aCallbackSaysWhatItSaysEverywhere(gateway: GatewayName) throws {
        let client = try clientOf(gateway)
        let failures = try bodies(of: gateway).flatMap { body in
            try [
                ("by itself", said { try parseCallback(body.content, gateway: gateway) }),
                ("part of more", said { try parseCallback(partOfMore(body.content), gateway: gateway) }),
                ("through its client", said { try client.parseCallback(body.content) }),
            ].flatMap { reader, found in
                differences(wanted(body.expected, found), found).map { "\(body.name), \(reader): \($0)" }
            }
        }
        #expect(failures == [])
    }

    @Test(arguments: GatewayName.allCases) func aCallbackIsToldApartByItsShape(gateway: GatewayName) throws {
        let failures = try bodies(of: gateway).flatMap { body -> [String] in
            let found = try said { try parseCallback(body.content) }
            switch body.name {
            case "p029_data_wrapped.json":
                // A shape that no gateway has.
                return differences(.object(["parses": .bool(false), "error": .text("unrecognised_shape")]), found)
            case "u030_raw_daraja_body_forwarded.json":
                // Another gateway's own shape.
                return differences(try said { try parseCallback(body.content, gateway: .daraja) }, found)
            case _ where gateway == .payHero:
                // Its bodies have UpesiPay's shape.
                return differences(try said { try parseCallback(body.content, gateway: .upesiPay) }, found)
            default:
                // No hostile body of Daraja's may pass as another gateway's; under which code it is refused differs.
                if gateway == .daraja, found["parses"] == .bool(false) {
                    return body.expected["parses"] == .bool(false) ? [] : ["\(body.name): not told apart"]
                }
                return differences(wanted(body.expected, found), found).map { "\(body.name): \($0)" }
            }
        }
        #expect(failures == [])
    }

    @Test(arguments: GatewayName.allCases) func aBodyThatWasKeptIsTheBodyThatCame(gateway: GatewayName) throws {
        for body in try bodies(of: gateway) where body.expected["parses"] == .bool(true) {
            #expect(try parseCallback(body.content, gateway: gateway).body == body.content, "\(body.name)")
        }
    }

    @Test func aValueIsFoundByTheGatewaysOwnNameForIt() throws {
        let name = "d001_success_documented_four_items_float_amount.json"
        let event = try parseCallback(Repository.core("vectors/callbacks/\(name)"))
        #expect(event.value(name: "Amount").flatMap { Decimal(string: $0) } == event.amount)
        #expect(event.value(name: "MpesaReceiptNumber") == event.receipt)
        #expect(event.value(name: "NoSuchName") == nil)
        #expect(event.describe().outcome == event.outcome)
    }

    @Test func anEventIsComparedWithWhatWasAskedFor() throws {
        let name = "d001_success_documented_four_items_float_amount.json"
        let event = try parseCallback(Repository.core("vectors/callbacks/\(name)"))
        let check = try event.check(
            Expected(amount: "1", phoneNumber: "0708374149", checkoutRequestId: event.checkoutRequestId))
        #expect(check.isMatch && check.amount == .matches && check.phone == .matches)
        #expect(check.merchantRequestId == .notStated)
        let other = try event.check(Expected(amount: "2"))
        #expect(!other.isMatch && other.amount == .differs)
        #expect { try event.check(Expected(amount: "much")) } throws: { ($0 as? LipiaError)?.field == "amount" }
    }

    private func bodies(of gateway: GatewayName) throws -> [Body] {
        let expected = try JSON(Repository.core("vectors/callbacks/expected.json")).members
        let bodies = try expected.filter { $0.value["provider"]?.text == gateway.word }.map { name, expected in
            Body(name: name, content: try Repository.core("vectors/callbacks/\(name)"), expected: expected)
        }
        #expect(bodies.count >= CallbackVectorTests.least[gateway] ?? .max, "the corpus has lost bodies")
        return bodies.sorted { $0.name < $1.name }
    }
}

private func clientOf(_ gateway: GatewayName) throws -> Client {
    switch gateway {
    case .daraja: try Daraja(credentials: CredentialsSource { try SandboxKeys.daraja() })
    case .palPluss: try PalPluss(credentials: CredentialsSource { SandboxKeys.palPluss })
    case .upesiPay: try UpesiPay(credentials: CredentialsSource { SandboxKeys.upesiPay })
    case .payHero:
        try PayHero(
            credentials: CredentialsSource { SandboxKeys.payHero },
            settings: ClientSettings(baseUrl: "https://payhero.example"))
    }
}

/// The same bytes, whose indices begin elsewhere.
private func partOfMore(_ body: Data) -> Data {
    (Data("{\"".utf8) + body + Data("\"}".utf8)).dropFirst(2).dropLast(2)
}

/// What the API says of a body, by the names of `expected.json`.
private func said(_ parse: () throws -> Event) throws -> JSON {
    do {
        let event = try parse()
        #expect(event.isSuccess == (event.outcome == .success))
        return .object([
            "parses": .bool(true), "error": .null, "provider": .text(event.gateway.word),
            "outcome": .text(event.outcome.word), "final": .bool(event.isFinal), "complete": .bool(event.complete),
            "result_code": .of(event.resultCode), "receipt": .of(event.receipt),
            "amount": .of(event.amount.map { "\($0)" }),
            "amount_cents": .of(event.amount.map { NSDecimalNumber(decimal: $0 * 100).intValue }),
            "phone": .of(event.phone), "phone_raw": .of(event.phoneRaw),
            "date": event.date.map { .number($0.timeIntervalSince1970) } ?? .null,
            "checkout_request_id": .of(event.checkoutRequestId),
            "merchant_request_id": .of(event.merchantRequestId), "reference": .of(event.reference),
            "warnings": .of(event.warnings),
        ])
    } catch let error as LipiaError {
        #expect(error.remedy == .disbelieve && error.kind == .invalidCallback)
        return .object(["parses": .bool(false), "error": .text(error.code)])
    }
}

/// What must be said of a body, as far as something is said at all.
private func wanted(_ expected: JSON, _ found: JSON) -> JSON {
    var wanted = expected.members.filter { found[$0.key] != nil }
    if let date = wanted["date"]?.text {
        wanted["date"] = instant(date).map { .number($0.timeIntervalSince1970) }
    }
    return .object(wanted)
}
