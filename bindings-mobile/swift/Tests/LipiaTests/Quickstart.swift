import Foundation
import Lipia
import LipiaTesting

// What the project's README.md and this library's show, as it stands there.

func sellTea(till: Daraja) async throws -> Payment {
    try await till.collect(
        StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "TABLE-9"), order: "table-9-lunch")
}

func openTill(_ keychain: Keychain, _ folder: URL) throws -> Daraja {
    try Daraja(
        credentials: CredentialsSource { try await keychain.darajaCredentials() },
        settings: ClientSettings(environment: .production, callbackUrl: "https://shop.example.co.ke/pay"),
        ledger: .file(folder.appendingPathComponent("payments.db")))
}

func sell(_ daraja: Daraja, order: String, show: (String) -> Void) async throws {
    let payment = try await daraja.request(
        StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "TABLE-9"), order: order)
    if payment.isPaid { return show("paid already, receipt \(payment.receipt ?? "on the statement")") }
    if payment.state == .settled {
        let free = payment.orderFreeAt.map { "; the order is free again at \($0)" }
        return show("not paid" + (free ?? ""))
    }
    show(payment.isExisting ? "this sale is in flight" : "waiting for the customer")
}

func listen(_ daraja: Daraja, show: (Payment) async -> Void) async {
    for await outcome in daraja.outcomes {  // until the task is cancelled
        await show(outcome.payment)
        _ = try? await outcome.done()  // where the disk is full, it is told again
    }
}

func pushCarefully(_ daraja: Daraja, _ push: StkPush) async throws -> String {
    do {
        return try await daraja.stkPush(push).id
    } catch let error as LipiaError {
        switch error.remedy {
        case .findOut:
            // A phone may have been prompted: never push again. The payment is there, and can be waited for.
            guard let payment = error.payment else { return error.localizedDescription }
            return try await daraja.wait(payment).outcome.word
        case .tryAgain:
            return "Nobody was prompted; safe to try again after \(error.retryAfter ?? 0) seconds."
        default:
            return error.localizedDescription
        }
    }
}

func paidInTheSandbox() async throws -> Payment {
    try await Sandbox.with { sandbox in  // `lipia sandbox`, of the program that LIPIA_PROGRAM names, or on PATH
        try await sandbox.daraja().collect(
            StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "TABLE-9"), order: "table-9-lunch")
    }
}

func declined() throws -> Payment {
    try Payment.sample(
        StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "TABLE-9"), outcome: .insufficientFunds,
        order: "table-9-lunch")
}

/// What a till has its credentials from.
actor Keychain {
    private(set) var asked = 0

    func darajaCredentials() throws -> Credentials {
        asked += 1
        return try SandboxKeys.daraja()
    }
}
