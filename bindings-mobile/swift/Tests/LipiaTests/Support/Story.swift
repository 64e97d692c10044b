import Foundation
import LipiaTesting

@testable import Lipia

/// Plays a story of `core/scenarios` against the sandbox. What each step means stands in `core/scenarios/README.md`.
func play(_ story: JSON) async throws {
    let name = story["name"]?.text ?? "a story without a name"
    try await inTime("\u{201c}\(name)\u{201d}") {
        try await Sandbox.with(timeScale: story["sandbox"]?["time_scale"]?.number ?? 100) { sandbox in
            let shop = try CallbackShop()
            defer { shop.close() }
            try await Play(story, sandbox, shop).play()
        }
    }
}

/// How a story came out otherwise than it says.
private func expectNothing(_ differing: [String], _ when: String) throws {
    if !differing.isEmpty { throw Failure("\(when): \(differing.joined(separator: "; "))") }
}

private actor Play {
    let story: JSON
    let sandbox: Sandbox
    let shop: CallbackShop
    var clients: [String: Client] = [:]
    var at = "first"
    var payment: PaymentHandle?
    var failed: LipiaError?
    var event: Event?
    var prompt: String?

    init(_ story: JSON, _ sandbox: Sandbox, _ shop: CallbackShop) {
        self.story = story
        self.sandbox = sandbox
        self.shop = shop
    }

    func play() async throws {
        if story["callbacks"]?.bool == true {
            let client = try client("first")
            let confirm = story["confirm"]?.bool ?? false
            shop.hand { try await client.receiveCallback(path: $0, body: $1, confirm: confirm).verdict }
        }
        for fault in story["faults"]?.list ?? [] { try await sandbox.inject(fault) }
        for (place, step) in (story["steps"]?.list ?? []).enumerated() {
            for _ in 0..<(step["times"]?.whole ?? 1) {
                let found = try await tried(step)
                let expected = step["expect"] ?? .object([:])
                var differing = differences(expected, found)
                if let error = found["error"], expected["error"] == nil {
                    differing.append("there is the error \(error["code"]?.text ?? "")")
                }
                try expectNothing(differing, "step \(place + 1), \(step["do"]?.text ?? "")")
            }
        }
        for client in clients.values {
            try await client.drain()
            try expectNothing(client.isAtRest ? [] : ["something of it still goes on"], "in the end")
        }
        try expectNothing(differences(story["counters"] ?? .null, try await sandbox.counters()), "in the end")
        if let sold = story["sold"] {
            let last = try await sandbox.payments().last ?? .null
            try expectNothing(differences(sold, last), "what was asked for")
        }
        try expectNothing(shop.mistakes, "in the shop")
    }

    /// Does a step; what came of it, by the names that a step expects.
    private func tried(_ step: JSON) async throws -> JSON {
        do {
            return .object(try await done(step))
        } catch let error as LipiaError {
            failed = error
            return .object(["error": said(error)])
        }
    }

    /// The payment of the last error.
    private func thePaymentOfTheError() throws -> PaymentHandle {
        guard let payment = failed?.payment else { throw Failure("no error had a payment") }
        return payment
    }

    private func done(_ step: JSON) async throws -> [String: JSON] {
        switch step["do"]?.text {
        case "stk_push":
            let acceptance = try await client().stkPush(push(step))
            prompt = acceptance.id
            return try accepted(acceptance)
        case "reserve":
            payment = try client().reserve(push(step))
            return [:]
        case "push":
            return try accepted(try await client().push(thePayment()))
        case "collect":
            return ["payment": said(try await client().collect(push(step), wait: wait(step)))]
        case "collect_payment":
            return ["payment": said(try await client().collect(thePayment(), wait: wait(step)))]
        case "wait":
            return ["payment": said(try await client().wait(thePayment(), wait: wait(step)))]
        case "wait_by_id":
            let id = try await thePrompt()
            return ["status": said(try await client().wait(id, wait: wait(step)))]
        case "watch":
            var told: [String] = []
            for try await progress in try client().watch(thePayment(), wait: wait(step)) {
                if told.last != said(progress) { told.append(said(progress)) }
            }
            return ["told": .of(told)]
        case "query":
            let known = step["checkout_request_id"]?.text
            let id = if let known { known } else { try await thePrompt() }
            return ["status": said(try await client().stkQuery(id))]
        case "look":
            return ["payment": said(try thePayment().snapshot())]
        case "claim":
            payment = try thePaymentOfTheError()
            return ["payment": said(try thePayment().snapshot())]
        case "resume":
            let saved = try JSON(Data(thePayment().toJson().utf8)).members
            let edited = JSON.object(saved.merging(step["edit"]?.members ?? [:]) { $1 })
            at = step["to"]?.text ?? at
            payment = try client().resume(json: String(decoding: edited.data, as: UTF8.self))
            return [:]
        case "hear":
            let wanted = step["expect"]?["verdicts"]?.list ?? []
            let shop = shop
            try await eventually("\(wanted.count) callbacks are heard") { shop.heard.count >= wanted.count }
            let heard = shop.heard.map(said)
            // Two callbacks that come at the same moment are heard in either order.
            let inOrder = { (verdicts: [JSON]) in verdicts.map(String.init(describing:)).sorted() }
            return ["verdicts": .list(inOrder(heard) == inOrder(wanted) ? wanted : heard)]
        case "deliver":
            let path = try step["path"]?.text ?? thePayment().snapshot().push.callbackUrl
            let received = try await client(step["to"]?.text ?? at).receiveCallback(
                path: filledIn(path), body: Data(filledIn(step["body"]?.text ?? "").utf8),
                confirm: story["confirm"]?.bool ?? false)
            guard received.paymentId == (try thePayment().id) else { throw Failure("another payment's callback") }
            event = received.event
            return ["verdict": .of(received.verdict?.word)]
        case "believe":
            guard let event else { throw Failure("no event was delivered yet") }
            return ["verdict": .text(try await client().believe(thePayment(), event).word)]
        case "act":
            try await sandbox.act(try await thePrompt(), step["ending"]?.text ?? "")
            return [:]
        case "script":
            try await sandbox.script(step["phone_number"]?.text ?? "", step["scenario"]?.text ?? "")
            return [:]
        case "clear_faults":
            try await sandbox.clearFaults()
            return [:]
        case "kill_tokens":
            try await sandbox.killTokens()
            return [:]
        default:
            throw Failure("nobody knows the step \(step["do"]?.text ?? "")")
        }
    }

    // MARK: What the steps are about

    private func client(_ name: String? = nil) throws -> Client {
        if let known = clients[name ?? at] { return known }
        let made = try makeClient()
        clients[name ?? at] = made
        return made
    }

    private func makeClient() throws -> Client {
        let gateway =
            GatewayName.allCases.first { $0.word == story["gateway"]?.text ?? "daraja" } ?? .daraja
        var own = story["settings"]?.members ?? [:]
        let usual = sandbox.settings(gateway, callbackUrl: story["callbacks"]?.bool == true ? shop.callbackUrl : nil)
        let pace = story["wait"]
        let settings = ClientSettings(
            environment: usual.environment, baseUrl: own.removeValue(forKey: "base_url")?.text ?? usual.baseUrl,
            callbackUrl: usual.callbackUrl, callbackSecrets: ["the same in each process"],
            timeout: own.removeValue(forKey: "timeout")?.number,
            wait: WaitOptions(
                timeout: pace?["timeout"]?.number ?? usual.wait?.timeout,
                firstQueryAfter: pace?["first_query_after"]?.number ?? usual.wait?.firstQueryAfter,
                queryEvery: pace?["query_every"]?.number ?? usual.wait?.queryEvery,
                longestPause: pace?["longest_pause"]?.number ?? usual.wait?.longestPause))
        let consumerSecret = own.removeValue(forKey: "consumer_secret")?.text ?? SandboxKeys.consumerSecret
        let passKey = own.removeValue(forKey: "pass_key")?.text ?? SandboxKeys.passKey
        let generation = own.removeValue(forKey: "generation")?.text
        let queryVersion = own.removeValue(forKey: "query_version")?.text
        guard own.isEmpty else { throw Failure("nobody knows the settings \(own.keys.sorted())") }
        return switch gateway {
        case .daraja:
            try Daraja(
                credentials: CredentialsSource {
                    try SandboxKeys.daraja(consumerSecret: consumerSecret, passKey: passKey)
                },
                settings: settings, queryVersion: queryVersion == "v2" ? .v2 : .v1)
        case .palPluss:
            try PalPluss(credentials: CredentialsSource { SandboxKeys.palPluss }, settings: settings)
        case .upesiPay:
            try generation.map {
                try UpesiPay(
                    credentials: CredentialsSource { SandboxKeys.upesiPay }, settings: settings,
                    generation: $0 == "1" ? .one : .two, channelId: SandboxKeys.upesiPayChannel)
            }
                ?? UpesiPay(
                    credentials: CredentialsSource { SandboxKeys.upesiPay }, settings: settings,
                    channelId: SandboxKeys.upesiPayChannel)
        case .payHero:
            try PayHero(
                credentials: CredentialsSource { SandboxKeys.payHero }, settings: settings,
                channelId: SandboxKeys.payHeroChannel)
        }
    }

    private func push(_ step: JSON) throws -> StkPush {
        var arguments = step["push"]?.members ?? [:]
        let taken = { (name: String) in arguments.removeValue(forKey: name) }
        let amount = taken("amount")
        let push = StkPush(
            phoneNumber: taken("phone_number")?.text ?? "",
            amount: amount?.text ?? amount?.whole.map(String.init) ?? "",
            accountReference: taken("account_reference")?.text ?? "",
            transactionDesc: taken("transaction_desc")?.text ?? "", callbackUrl: taken("callback_url")?.text,
            fit: taken("fit")?.text == "truncate" ? .truncate : .refuse,
            roundAmount: taken("round_amount")?.bool ?? false,
            channelId: taken("channel_id")?.text)
        guard arguments.isEmpty else { throw Failure("nobody knows the arguments \(arguments.keys.sorted())") }
        return push
    }

    private func wait(_ step: JSON) -> WaitOptions? {
        step["timeout"]?.number.map { WaitOptions(timeout: $0) }
    }

    private func thePayment() throws -> PaymentHandle {
        guard let payment else { throw Failure("no payment was reserved yet") }
        return payment
    }

    private func thePrompt() async throws -> String {
        if let known = payment?.snapshot().checkoutRequestId ?? (payment == nil ? prompt : nil) { return known }
        guard let id = try await sandbox.payments().last?["checkout_request_id"]?.text else {
            throw Failure("nobody was prompted yet")
        }
        return id
    }

    private func filledIn(_ text: String) async throws -> String {
        let withId = text.replacingOccurrences(of: "{payment_id}", with: payment?.id ?? "")
        guard withId.contains("{checkout_request_id}") else { return withId }
        return withId.replacingOccurrences(of: "{checkout_request_id}", with: try await thePrompt())
    }
}

// MARK: What was found, by the names that a step expects

private func accepted(_ acceptance: Acceptance) throws -> [String: JSON] {
    guard !acceptance.id.isEmpty else { throw Failure("the acceptance names no prompt") }
    return ["accepted": .bool(true)]
}

private func said(_ error: LipiaError) -> JSON {
    .object([
        "remedy": .text(error.remedy.word), "kind": .text(error.kind.word),
        "disposition": .text(error.disposition.word), "code": .text(error.code),
        "field": .of(error.field.map(inSnakeCase)), "http_status": .of(error.httpStatus),
        "retryable": .bool(error.retryable), "retry_after_seconds": error.retryAfter.map(JSON.number) ?? .null,
    ])
}

private func said(_ payment: Payment) -> JSON {
    .object([
        "state": .text(payment.state.word), "outcome": .text(payment.outcome.word),
        "result_code": .of(payment.resultCode), "is_paid": .bool(payment.isPaid),
        "receipt": .bool(payment.receipt != nil), "paid_amount": .of(payment.paidAmount.map { "\($0)" }),
        "flags": .of(payment.flags.map(\.reason)),
    ])
}

private func said(_ status: Status) -> JSON {
    .object([
        "outcome": .text(status.outcome.word), "is_final": .bool(status.isFinal),
        "result_code": .of(status.resultCode),
    ])
}

private func said(_ progress: PaymentProgress) -> String {
    switch progress {
    case .queried(_, let status): "asked: \(status.outcome.word)"
    case .queryFailed(_, let error): "not told: \(error.kind.word)"
    case .callbackReceived: "news"
    case .settled(let payment): "settled: \(payment.outcome.word)"
    case .timedOut(let payment): "open: \(payment.outcome.word)"
    }
}

private func said(_ heard: CallbackShop.Heard) -> JSON {
    switch heard {
    case .verdict(let verdict): .of(verdict?.word)
    case .refused(let code): .text(code)
    }
}

/// `phoneNumber` as the stories write it.
private func inSnakeCase(_ name: String) -> String {
    name.map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }.joined()
}
