// A till with a ledger that is killed at any step: it requests the payment of an order, waits for the outcome, and
// acknowledges what it is told. It says each step, so that the tests can kill it there and start it again.
// `.ci/swift-test` has it built for the tests, which start it with the sandbox's address, the ledger's file, a phone number and
// a way: `sell` to the end, `hold` the telling without acknowledging it, or a number, the most bytes that a file may grow to:
// a disk that is full.

import Foundation
import Lipia

func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

let arguments = CommandLine.arguments
guard arguments.count == 5 else { fatalError("usage: shop ADDRESS FILE PHONE sell|hold|BYTES") }
if let bytes = UInt(arguments[4]) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
    #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    #else
        setrlimit(RLIMIT_FSIZE, &limit)
    #endif
}
let client = try Daraja(
    credentials: CredentialsSource {
        try .daraja(
            consumerKey: "sandbox-key", consumerSecret: "sandbox-secret", shortCode: "174379",
            passKey: "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
    },
    settings: ClientSettings(
        environment: .sandbox, baseUrl: arguments[1], callbackUrl: "http://127.0.0.1:9/pay",
        wait: WaitOptions(timeout: 20, firstQueryAfter: 0.1, queryEvery: 0.1, longestPause: 0.3)),
    ledger: .file(URL(fileURLWithPath: arguments[2])))
let push = StkPush(phoneNumber: arguments[3], amount: 150, accountReference: "TABLE-9")
do {
    say("asking")
    let payment = try await client.request(push, order: "table-9-lunch")
    say(payment.isExisting ? "existing \(payment.state.word)" : "requested")
    let ended = try await client.collect(push, order: "table-9-lunch")
    say("ended \(ended.outcome.word)")
    // Of what is open there is nothing to tell yet, what was acknowledged is not told again, and on a full disk nothing is.
    guard UInt(arguments[4]) == nil, try await client.payments.report().owed > 0 else { exit(0) }
    for await outcome in client.outcomes {
        say("told \(outcome.payment.outcome.word)")
        if arguments[4] == "hold" { try await Task.sleep(nanoseconds: 600_000_000_000) }
        try await outcome.done()
        say("done")
        break
    }
} catch let error as LipiaError {
    say("refused \(error.disposition.word) \(error.code)")
}
