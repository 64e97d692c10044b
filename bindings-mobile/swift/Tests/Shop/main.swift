// A till that is killed: it keeps its payments in files of a folder, prompts a customer, says so, and waits for the outcome.
// With the word `begin` it announces the push, as a till does that saves payments itself, and is killed before it leaves.
// `.ci/swift-test` has it built for the tests, which start it with the sandbox's address, the folder and a phone number.

import Foundation
import Lipia

final class Files: PaymentStore {
    let folder: String

    init(_ folder: String) {
        self.folder = folder
    }

    func save(payment: Payment) async throws {
        try payment.toJson().write(toFile: "\(folder)/\(payment.id).json", atomically: true, encoding: .utf8)
    }
}

func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

let arguments = CommandLine.arguments
guard arguments.count == 5 else { fatalError("usage: shop ADDRESS FOLDER PHONE push|begin") }
let store = Files(arguments[2])
let client = try Daraja(
    credentials: CredentialsSource {
        try .daraja(
            consumerKey: "sandbox-key", consumerSecret: "sandbox-secret", shortCode: "174379",
            passKey: "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
    },
    settings: ClientSettings(environment: .sandbox, baseUrl: arguments[1], callbackUrl: "http://127.0.0.1:9/pay"),
    store: store)
let payment = try client.reserve(StkPush(phoneNumber: arguments[3], amount: 150, accountReference: "INV-1"))
if arguments[4] == "begin" {
    try payment.begin()
    try await store.save(payment: payment.snapshot())
    say("begun")
    try await Task.sleep(for: .seconds(600))
}
let pushing = Task { try await client.push(payment) }
// Said when the payment is on its way, and again once it is accepted: the tests kill it at either.
while payment.snapshot().state == .reserved { await Task.yield() }
say("sending")
_ = try await pushing.value
say("accepted")
_ = try await client.wait(payment)
say("ended")
