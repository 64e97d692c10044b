import Foundation
import Lipia

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The sandbox as a program of its own, and its control API.
struct Sandbox: Sendable {
    let baseUrl: String
    let timeScale: Double
    private let program: Program

    /// Starts one. It ends with the tests at the latest.
    static func start(timeScale: Double = 100) async throws -> Sandbox {
        let program = try Program(
            Repository.built("lipia"), ["sandbox", "--json", "--time-scale", "\(timeScale)"])
        guard let line = try await program.line(), let address = try JSON(Data(line.utf8))["base_url"]?.text else {
            throw Failure("the sandbox did not start")
        }
        return Sandbox(baseUrl: address, timeScale: timeScale, program: program)
    }

    func stop() async throws {
        try await program.kill()
    }

    /// Uses a sandbox, and stops it whatever happens.
    static func with<Value: Sendable>(
        timeScale: Double = 100, _ use: @escaping @Sendable (Sandbox) async throws -> Value
    ) async throws -> Value {
        let sandbox = try await start(timeScale: timeScale)
        do {
            let value = try await use(sandbox)
            try await sandbox.stop()
            return value
        } catch {
            try? await sandbox.stop()
            throw error
        }
    }

    /// Waits at the sandbox's speed.
    var wait: WaitOptions {
        let seconds = { max($0 / max(timeScale, 1), 0.1) }
        return WaitOptions(
            timeout: max(seconds(120), 5), firstQueryAfter: seconds(10), queryEvery: seconds(10),
            longestPause: seconds(30))
    }

    /// What makes a client speak to this sandbox. No callback reaches anybody, unless another address is given.
    func settings(_ gateway: GatewayName = .daraja, callbackUrl: String? = nil) -> ClientSettings {
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

    /// A client of Daraja that speaks to this sandbox.
    func daraja(settings: ClientSettings? = nil, store: (any PaymentStore)? = nil) throws -> Daraja {
        try Daraja(
            credentials: CredentialsSource { try SandboxKeys.daraja() }, settings: settings ?? self.settings(),
            store: store)
    }

    // MARK: The control API

    func counters() async throws -> JSON {
        try await ask("GET", "counters")
    }

    /// How many times a phone was prompted.
    func prompts() async throws -> Int {
        try await counters()["prompts"]?.whole ?? -1
    }

    func payments() async throws -> [JSON] {
        try await ask("GET", "payments").list ?? []
    }

    func inject(_ fault: JSON) async throws {
        try await ask("POST", "faults", fault)
    }

    func inject(step: String, kind: String) async throws {
        try await inject(.object(["step": .text(step), "kind": .text(kind)]))
    }

    func clearFaults() async throws {
        try await ask("DELETE", "faults")
    }

    func killTokens() async throws {
        try await ask("POST", "kill-tokens")
    }

    /// What the customer with this number (`2547…`) does from now on.
    func script(_ phone: String, _ scenario: String) async throws {
        try await ask("POST", "scripts", .object(["phone": .text(phone), "scenario": .text(scenario)]))
    }

    /// What the customer of an open prompt does now.
    func act(_ checkoutRequestId: String, _ ending: String) async throws {
        let id = checkoutRequestId.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        try await ask("POST", "payments/\(id)/act", .object(["do": .text(ending)]))
    }

    @discardableResult
    private func ask(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        guard let address = URL(string: "\(baseUrl)/_sandbox/\(path)") else { throw Failure("no address: \(path)") }
        var request = URLRequest(url: address, timeoutInterval: 30)
        request.httpMethod = method
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try body?.data
        let (answer, response) = try await Sandbox.session.data(for: request)
        guard (response as? HTTPURLResponse)?.statusCode == 200 else {
            throw Failure("the sandbox refused \(method) \(path): \(String(decoding: answer, as: UTF8.self))")
        }
        return try JSON(answer)
    }

    private static let session = URLSession(configuration: .ephemeral)
}

/// Keys that the sandbox accepts.
enum SandboxKeys {
    static let consumerSecret = "sandbox-secret"
    static let passKey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"

    static func daraja(consumerSecret: String = consumerSecret, passKey: String = passKey) throws -> Credentials {
        try .daraja(
            consumerKey: "sandbox-key", consumerSecret: consumerSecret, shortCode: "174379", passKey: passKey)
    }

    static var palPluss: Credentials { .palPluss(apiKey: "pp_live_sandbox") }

    static var upesiPay: Credentials { .upesiPay(authToken: "sandbox-upesipay-token") }

    static let upesiPayChannel = "1234"

    static var payHero: Credentials { .payHero(authToken: "sandbox-payhero-token") }

    static let payHeroChannel = "4321"
}
