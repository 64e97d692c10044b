import Foundation
import Lipia
import LipiaTesting
import Testing

/// Runs every case of `core/vectors` through the Swift API: the same cases that every other language runs. A failing run
/// names all failing cases at once, so that a change of policy shows its whole extent.
struct VectorTests {
    /// How many cases each file had when this was last looked at.
    static let least = [
        "phones": 109, "amounts": 56, "money": 52, "references": 34, "callback_urls": 79, "passwords": 23,
        "result_codes": 50,
    ]

    @Test(arguments: least.keys.sorted()) func everyCaseComesOutAsInEveryOtherLanguage(file: String) throws {
        let cases = try JSON(Repository.core("vectors/\(file).json"))["cases"]?.list ?? []
        #expect(cases.count >= VectorTests.least[file] ?? .max, "\(file) has lost cases")
        let run = try #require(VectorTests.runners[file])
        let failures = try cases.enumerated().flatMap { place, expected in
            let found = try run(expected)
            let wanted = JSON.object(expected.members.filter { found[$0.key] != nil })
            #expect(wanted.members.count == found.count, "\(file), case \(place) lacks members")
            return differences(wanted, .object(found)).map { "\(place) (\(expected["reason"]?.text ?? "")): \($0)" }
        }
        #expect(failures == [])
    }

    @Test func everyFileOfVectorsIsRun() throws {
        let files = try Repository.names(in: "vectors")
        #expect(files == (VectorTests.least.keys.map { "\($0).json" } + ["callbacks"]).sorted())
        let bodies = try Repository.names(in: "vectors/callbacks")
        let expected = try JSON(Repository.core("vectors/callbacks/expected.json")).members
        #expect(bodies == (expected.keys + ["README.md", "expected.json"]).sorted())
    }

    @Test func everyRowOfTheTableOfResultCodesHasAVector() throws {
        let cases = try JSON(Repository.core("vectors/result_codes.json"))["cases"]?.list ?? []
        let known = cases.filter { $0["known"]?.bool == true }.compactMap { $0["code"]?.text }
        let rows = resultCodes()
        #expect(Set(rows.map(\.code)) == Set(known + ["*"]))
        for row in rows {
            #expect(![row.meaning, row.advice, row.customerMessageEn, row.customerMessageSw].contains(""))
            #expect(describe(code: row.code) == row)
        }
    }

    // MARK: How a file's cases are run

    static let runners: [String: @Sendable (JSON) throws -> [String: JSON]] = [
        "phones": phone, "amounts": amount, "money": money, "references": reference, "callback_urls": callbackUrl,
        "passwords": password, "result_codes": resultCode,
    ]

    @Sendable static func phone(_ expected: JSON) throws -> [String: JSON] {
        let input: String
        switch expected["input"] {
        case .text(let text): input = text
        // A number's digits; what is neither text nor number no caller can hand in.
        case .number(let number): input = Int(exactly: number).map(String.init) ?? "\(number)"
        default: return ["normalised": .null]
        }
        let found = try orCode(["phoneNumber"], ["normalised"]) {
            let phone = try parsePhoneNumber(input)
            #expect(phone.masked.contains("*") && phone.masked != phone.number && phone.description == phone.masked)
            return ["normalised": .text(phone.number)]
        }
        return found.filter { $0.key == "normalised" }
    }

    @Sendable static func amount(_ expected: JSON) throws -> [String: JSON] {
        try orCode(["amount"], ["amount"]) {
            let amount = try parseAmount(
                expected["input"]?.text ?? "", maxAmount: expected["max"]?.whole,
                roundAmount: expected["round"]?.bool ?? false)
            return ["amount": .of(amount)]
        }
    }

    @Sendable static func money(_ expected: JSON) throws -> [String: JSON] {
        try orCode(["amount"], ["cents", "amount"]) {
            let money = try parseMoney(
                expected["input"]?.text ?? "", jsonNumber: expected["kind"]?.text == "number")
            return ["cents": .of(NSDecimalNumber(decimal: money * 100).intValue), "amount": .text("\(money)")]
        }
    }

    @Sendable static func reference(_ expected: JSON) throws -> [String: JSON] {
        let isReference = expected["field"]?.text == "account_reference"
        let parse = isReference ? parseAccountReference : parseTransactionDesc
        return try orCode([isReference ? "accountReference" : "transactionDesc"], ["value"], ["warnings"]) {
            checked(
                try parse(
                    expected["input"]?.text ?? "", expected["limit"]?.whole,
                    expected["fit"]?.text == "truncate" ? .truncate : .refuse))
        }
    }

    @Sendable static func callbackUrl(_ expected: JSON) throws -> [String: JSON] {
        try orCode(["callbackUrl"], ["value"], ["warnings"]) {
            let environment: GatewayEnvironment =
                expected["environment"]?.text == "sandbox" ? .sandbox : .production
            return checked(try parseCallbackUrl(expected["input"]?.text ?? "", environment: environment))
        }
    }

    @Sendable static func password(_ expected: JSON) throws -> [String: JSON] {
        let at = try #require(instant(expected["at"]?.text))
        return try orCode(["shortCode", "passKey"], ["password", "timestamp"]) {
            let timed = try Lipia.password(
                shortCode: expected["short_code"]?.text ?? "", passKey: expected["pass_key"]?.text ?? "", at: at)
            return ["password": .text(timed.password), "timestamp": .text(timed.timestamp)]
        }
    }

    @Sendable static func resultCode(_ expected: JSON) throws -> [String: JSON] {
        let code = expected["code"]?.text ?? ""
        let row = describe(code: code)
        #expect(isKnownResultCode(code: code) == (row.code != "*"))
        return [
            "known": .bool(isKnownResultCode(code: code)), "outcome": .text(row.outcome.word),
            "final": .bool(row.isFinal), "fault": .text(row.fault.word),
        ]
    }

    static func checked(_ text: CheckedText) -> [String: JSON] {
        ["value": .text(text.value), "warnings": .of(text.remarks.map(\.code))]
    }

    /// What a function comes to, or the code of the error that names one of these arguments.
    static func orCode(
        _ fields: [String], _ absent: [String], _ empty: [String] = [], _ call: () throws -> [String: JSON]
    ) throws -> [String: JSON] {
        do {
            return try call().merging(["error": .null]) { $1 }
        } catch let error as LipiaError {
            #expect(fields.contains(error.field ?? "") && error.disposition == .notSent, "\(error.details)")
            let nothing = absent.map { ($0, JSON.null) } + empty.map { ($0, JSON.list([])) }
            return Dictionary(uniqueKeysWithValues: nothing + [("error", .text(error.code))])
        }
    }
}

/// An instant as the vectors write it.
func instant(_ text: String?) -> Date? {
    guard let text else { return nil }
    let format = ISO8601DateFormatter()
    format.formatOptions =
        text.contains(".") ? [.withInternetDateTime, .withFractionalSeconds] : [.withInternetDateTime]
    return format.date(from: text)
}
