import Foundation
import Lipia

/// Something that the till is told from outside cannot be.
struct WrongSurroundings: LocalizedError {
    let errorDescription: String?

    init(_ message: String) {
        errorDescription = message
    }
}

/// What the till is told from outside: nothing of it is in the program.
struct Surroundings: Sendable {
    private let environment = ProcessInfo.processInfo.environment

    /// The ledger, in a folder of the till's own.
    func ledger() throws -> Ledger {
        let folder = URL(fileURLWithPath: environment["TILL_PAYMENTS"] ?? "payments", isDirectory: true)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return .file(folder.appendingPathComponent("payments.db"))
    }

    func settings() throws -> ClientSettings {
        let system: GatewayEnvironment
        switch environment["MPESA_ENVIRONMENT"] ?? "sandbox" {
        case "sandbox": system = .sandbox
        case "production": system = .production
        case let word: throw WrongSurroundings("MPESA_ENVIRONMENT is '\(word)': it is sandbox or production.")
        }
        return ClientSettings(
            environment: system, baseUrl: environment["MPESA_BASE_URL"],
            callbackUrl: environment["MPESA_CALLBACK_URL"], timeout: 20)
    }

    /// How M-Pesa is asked. The tests' customers are a hundred times as fast.
    func wait() throws -> WaitOptions {
        let askAfter = try seconds("TILL_ASK_AFTER")
        return WaitOptions(
            timeout: try seconds("TILL_WAIT"), firstQueryAfter: askAfter, queryEvery: askAfter,
            longestPause: askAfter)
    }

    /// How often the letterbox is looked into, in seconds.
    func lookEvery() throws -> TimeInterval {
        try seconds("TILL_LOOK_EVERY") ?? 3
    }

    /// The keys, read when they are needed and not before: from the file that `TILL_KEYS` names, else from the environment.
    /// With an access token in it the till is one without keys, at the merchant's own server.
    func credentials() throws -> Credentials {
        var keys = environment
        if let file = environment["TILL_KEYS"] {
            keys.merge(try lines(of: file)) { _, inFile in inFile }
        }
        func key(_ name: String) throws -> String {
            guard let value = keys[name] else {
                throw WrongSurroundings("\(name) is neither set nor in the file TILL_KEYS.")
            }
            return value
        }
        if let token = keys["TILL_ACCESS_TOKEN"] {
            return try .accessToken(token, shortCode: key("MPESA_SHORTCODE"))
        }
        return try .daraja(
            consumerKey: key("MPESA_CONSUMER_KEY"), consumerSecret: key("MPESA_CONSUMER_SECRET"),
            shortCode: key("MPESA_SHORTCODE"), passKey: key("MPESA_PASSKEY"))
    }

    private func seconds(_ name: String) throws -> TimeInterval? {
        guard let text = environment[name] else { return nil }
        guard let seconds = TimeInterval(text) else {
            throw WrongSurroundings("\(name) is '\(text)': it is a number of seconds.")
        }
        return seconds
    }

    private func lines(of file: String) throws -> [String: String] {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let pairs = lines.filter { !$0.hasPrefix("#") }.map { line in
            let halves = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            return (halves[0], halves.count > 1 ? halves[1] : "")
        }
        return Dictionary(pairs) { _, last in last }
    }
}
