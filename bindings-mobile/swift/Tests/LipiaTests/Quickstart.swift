import Foundation
import Lipia

// What the project's README.md and this library's show, as it stands there.

func sellTea(sandbox: String, credentials: any CredentialsProvider) async throws -> Payment {
    let settings = ClientSettings(baseUrl: sandbox, callbackUrl: "https://shop.example.co.ke/pay")
    return try await Daraja(credentials: credentials, settings: settings)
        .collect(StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "INV-001"))
}

func openTill(_ keychain: Keychain) throws -> Daraja {
    try Daraja(
        credentials: CredentialsSource { try await keychain.darajaCredentials() },
        settings: ClientSettings(environment: .production, callbackUrl: "https://shop.example.co.ke/pay"))
}

func sell(_ daraja: Daraja, show: (String) -> Void) async throws {
    let payment = try daraja.reserve(StkPush(phoneNumber: "0712345678", amount: 150, accountReference: "INV-001"))
    try await daraja.push(payment)
    for try await progress in daraja.watch(payment) {
        switch progress {
        case .queried(let elapsed, _): show("waiting for the customer, \(Int(elapsed)) s")
        case .queryFailed, .callbackReceived: break
        case .settled(let payment): show(payment.isPaid ? "paid" : payment.describe().customerMessageSw)
        case .timedOut: show("nobody can say yet: ask again later, never push again")
        }
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
            return try await daraja.wait(payment).outcome.word()
        case .tryAgain:
            return "Nobody was prompted; safe to try again after \(error.retryAfter ?? 0) seconds."
        default:
            return error.localizedDescription
        }
    }
}

func afterRestart(_ daraja: Daraja, saved: String) async throws -> Payment {
    try await daraja.wait(daraja.resume(json: saved))
}

/// What a till has its credentials from.
actor Keychain {
    private(set) var asked = 0

    func darajaCredentials() throws -> Credentials {
        asked += 1
        return try SandboxKeys.daraja()
    }
}
