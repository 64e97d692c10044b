import Foundation
import Lipia

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// M-Pesa for tests: `lipia sandbox` as a program of its own, on this machine. Nobody's phone rings, and a customer needs
/// milliseconds for the PIN.
///
/// ```swift
/// try await Sandbox.with { sandbox in
///     let daraja = try sandbox.daraja()
///     let payment = try await daraja.collect(
///         StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "INV-001"))
///     #expect(payment.isPaid)
/// }
/// ```
public struct Sandbox: Sendable {
    /// The address of the sandbox.
    public let baseUrl: String
    /// How many times as fast as an ordinary one its clock runs.
    public let timeScale: Double
    /// What ends the program that plays it, where this process has started it.
    private let end: (@Sendable () async throws -> Void)?

    /// A sandbox that runs already, such as one on the Mac beside an iOS simulator: `lipia sandbox --port 8600`.
    ///
    /// - Parameters:
    ///   - baseUrl: its address.
    ///   - timeScale: the scale that it was started with.
    public init(baseUrl: String, timeScale: Double = 1) {
        self.init(baseUrl: baseUrl, timeScale: timeScale, end: nil)
    }

    private init(baseUrl: String, timeScale: Double, end: (@Sendable () async throws -> Void)?) {
        self.baseUrl = baseUrl
        self.timeScale = timeScale
        self.end = end
    }

    #if os(macOS) || os(Linux)
        /// Starts a sandbox. It ends with ``stop()``, and with the tests at the latest.
        ///
        /// - Parameters:
        ///   - program: the path of the program `lipia`. Default: the environment's `LIPIA_PROGRAM`, else `lipia` on `PATH`.
        ///   - timeScale: how many times as fast as an ordinary one its clock runs.
        /// - Throws: ``SandboxFailure``: the program is not there, or does not start.
        public static func start(program: String? = nil, timeScale: Double = 100) async throws -> Sandbox {
            let path = program ?? ProcessInfo.processInfo.environment["LIPIA_PROGRAM"] ?? "lipia"
            let started = try Program(path, ["sandbox", "--json", "--time-scale", "\(timeScale)"])
            guard let line = try await started.line(), let address = try JSON(Data(line.utf8))["base_url"]?.text else {
                throw SandboxFailure("\(path) sandbox did not start: name the program, or put it on PATH")
            }
            return Sandbox(baseUrl: address, timeScale: timeScale) { try await started.kill() }
        }
    #endif

    /// Ends a sandbox that this process has started.
    public func stop() async throws {
        try await end?()
    }

    #if os(macOS) || os(Linux)
        /// Uses a sandbox, and stops it whatever happens. See ``start(program:timeScale:)``.
        public static func with<Value: Sendable>(
            program: String? = nil, timeScale: Double = 100, _ use: @escaping @Sendable (Sandbox) async throws -> Value
        ) async throws -> Value {
            let sandbox = try await start(program: program, timeScale: timeScale)
            do {
                let value = try await use(sandbox)
                try await sandbox.stop()
                return value
            } catch {
                try? await sandbox.stop()
                throw error
            }
        }
    #endif

    // MARK: Clients

    /// The times of a wait at the sandbox's speed.
    public var wait: WaitOptions {
        let seconds = { max($0 / max(timeScale, 1), 0.1) }
        return WaitOptions(
            timeout: max(seconds(120), 5), firstQueryAfter: seconds(10), queryEvery: seconds(10),
            longestPause: seconds(30))
    }

    /// Settings with which a client speaks to this sandbox.
    ///
    /// - Parameters:
    ///   - gateway: the gateway that the client speaks to.
    ///   - callbackUrl: where callbacks are posted. By default they reach nobody, as on a phone.
    public func settings(_ gateway: GatewayName = .daraja, callbackUrl: String? = nil) -> ClientSettings {
        let path =
            switch gateway {
            case .palPluss: "/v1"
            case .payHero: "/payhero"
            case .daraja, .upesiPay: ""
            }
        return ClientSettings(
            environment: .sandbox, baseUrl: baseUrl + path,
            callbackUrl: callbackUrl ?? "http://127.0.0.1:9/pay", wait: wait)
    }

    /// A client of Daraja that speaks to this sandbox, with keys that every sandbox accepts.
    public func daraja(
        settings: ClientSettings? = nil, ledger: Ledger? = nil
    ) throws -> Daraja {
        try Daraja(
            credentials: CredentialsSource { try SandboxKeys.daraja() }, settings: settings ?? self.settings(),
            ledger: ledger)
    }

    // MARK: What the customers do, and what was asked

    /// How many times a phone was prompted.
    public func prompts() async throws -> Int {
        try await counters()["prompts"]?.whole ?? -1
    }

    /// How many pushes have arrived, refused ones included.
    public func pushAttempts() async throws -> Int {
        try await counters()["push_attempts"]?.whole ?? -1
    }

    /// What the customer with this number (`0712…`, `2547…`) does from now on: `pay`, `cancel`, `manual` (nothing, until
    /// ``act(_:_:)``) … The documents of the sandbox list the scenarios.
    public func script(_ phoneNumber: String, _ scenario: String) async throws {
        try await ask("POST", "scripts", .object(["phone": .text(phoneNumber), "scenario": .text(scenario)]))
    }

    /// What the customer of an open prompt does now: `pay`, `cancel` …
    public func act(_ checkoutRequestId: String, _ ending: String) async throws {
        let id = checkoutRequestId.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        try await ask("POST", "payments/\(id)/act", .object(["do": .text(ending)]))
    }

    /// Makes the next request of a step (`oauth`, `push`, `query`, `callback`) fail: `answer_lost`, `spike_arrest` … The documents of
    /// the sandbox list the faults.
    public func inject(step: String, kind: String) async throws {
        try await inject(.object(["step": .text(step), "kind": .text(kind)]))
    }

    /// Takes every fault back.
    public func clearFaults() async throws {
        try await ask("DELETE", "faults")
    }

    /// Makes every token that was given so far one that is refused.
    public func killTokens() async throws {
        try await ask("POST", "kill-tokens")
    }

    package func counters() async throws -> JSON {
        try await ask("GET", "counters")
    }

    package func payments() async throws -> [JSON] {
        try await ask("GET", "payments").list ?? []
    }

    package func inject(_ fault: JSON) async throws {
        try await ask("POST", "faults", fault)
    }

    @discardableResult
    private func ask(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        guard let address = URL(string: "\(baseUrl)/_sandbox/\(path)") else {
            throw SandboxFailure("no address: \(path)")
        }
        var request = URLRequest(url: address, timeoutInterval: 30)
        request.httpMethod = method
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try body?.data
        let (answer, response) = try await Sandbox.session.data(for: request)
        guard (response as? HTTPURLResponse)?.statusCode == 200 else {
            throw SandboxFailure(
                "the sandbox refused \(method) \(path): \(String(decoding: answer, as: UTF8.self))")
        }
        return try JSON(answer)
    }

    private static let session = URLSession(configuration: .ephemeral)
}

/// The reason why the sandbox does not do what a test asks of it.
public struct SandboxFailure: LocalizedError, CustomStringConvertible {
    public let description: String

    /// The same sentence, for `localizedDescription`.
    public var errorDescription: String? { description }

    init(_ description: String) {
        self.description = description
    }
}

/// Credentials that every sandbox accepts. They are invented, and public.
public enum SandboxKeys {
    package static let consumerSecret = "sandbox-secret"
    package static let passKey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
    package static let upesiPayChannel = "1234"
    package static let payHeroChannel = "4321"

    /// Credentials of Daraja. Other parts than the sandbox's are refused by it.
    public static func daraja(
        consumerSecret: String = "sandbox-secret",
        passKey: String = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
    ) throws -> Credentials {
        try .daraja(
            consumerKey: "sandbox-key", consumerSecret: consumerSecret, shortCode: "174379", passKey: passKey)
    }

    /// Credentials of PalPluss.
    public static var palPluss: Credentials { .palPluss(apiKey: "pp_live_sandbox") }

    /// Credentials of UpesiPay, whose channel is 1234.
    public static var upesiPay: Credentials { .upesiPay(authToken: "sandbox-upesipay-token") }

    /// Credentials of PayHero, whose channel is 4321.
    public static var payHero: Credentials { .payHero(authToken: "sandbox-payhero-token") }
}
