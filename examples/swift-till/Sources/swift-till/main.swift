// A till for the terminal: `swift-till AMOUNT PHONE REFERENCE`, or it asks. See README.md for what it is told from outside.

import Foundation
import Lipia
import Till

enum Code {
    static let paid: Int32 = 0
    static let notPaid: Int32 = 1
    static let wrong: Int32 = 2
    static let open: Int32 = 3
    static let interrupted: Int32 = 130
}

func quit(_ why: String) -> Never {
    Terminal.complain(why)
    exit(Code.wrong)
}

@MainActor
func run(_ model: TillViewModel, _ arguments: [String]) async throws -> Int32 {
    let changes = model.changes()
    let showing = Task {
        var terminal = Terminal()
        for await sales in changes { terminal.show(sales) }
        return terminal
    }
    // What the ledger owes this till: acknowledged once it is shown.
    let listening = Task { await model.listen() }
    defer { listening.cancel() }
    async let takingUp: Void = model.takeUp()
    var ended: Stage?
    if let sale = await sale(arguments) {
        ended = try await model.sell(phoneNumber: sale[1], amount: sale[0], reference: sale[2])
    }
    try await takingUp
    // What was shown last may still be on its way.
    showing.cancel()
    var terminal = await showing.value
    terminal.show(model.sales)
    let stages = model.sales.map(\.stage)
    if stages.contains(.open) { return Code.open }
    switch ended {
    case nil, .paid: return Code.paid
    default: return Code.notPaid
    }
}

func sale(_ arguments: [String]) async -> [String]? {
    if !arguments.isEmpty { return arguments }
    guard let amount = await Terminal.ask("Amount in KES (nothing: no sale)"),
        let phone = await Terminal.ask("Phone"),
        let reference = await Terminal.ask("Reference")
    else { return nil }
    return [amount, phone, reference]
}

/// Ctrl-C: a push that is on its way learns its answer, and that is saved. What is open is taken up at the next start.
func closeWell(_ work: Task<Int32, any Error>, _ client: Client) -> DispatchSourceSignal {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .main)
    source.setEventHandler {
        work.cancel()
        Task {
            // It ends with the push's own time at the latest.
            try? await client.drain()
            client.forgetCredentials()
            Terminal.say("Closed. What is open is taken up at the next start.")
            exit(Code.interrupted)
        }
    }
    source.resume()
    return source
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard [0, 3].contains(arguments.count) else { quit("Say AMOUNT PHONE REFERENCE, or nothing: then you are asked.") }
do {
    let surroundings = Surroundings()
    let client = try Daraja(
        credentials: CredentialsSource { try surroundings.credentials() }, settings: surroundings.settings(),
        ledger: surroundings.ledger())
    let model = TillViewModel(
        client: client, wait: try surroundings.wait(), lookEvery: try surroundings.lookEvery())
    let work = Task { try await run(model, arguments) }
    let closing = closeWell(work, client)
    let code = try await work.value
    closing.cancel()
    exit(code)
} catch is CancellationError {
    // The signal's handler ends it.
    while true { try await Task.sleep(nanoseconds: 60_000_000_000) }
} catch {
    quit(error.localizedDescription)
}
