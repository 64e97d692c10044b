import Lipia
import SwiftUI
import Till

@main
struct TillApp: App {
    @Environment(\.scenePhase) private var phase
    @State private var shop = Result { try Shop() }

    var body: some Scene {
        WindowGroup {
            switch shop {
            case .success(let shop): ShopScreen(shop: shop)
            case .failure(let error): Text(error.localizedDescription)
            }
        }
        .onChange(of: phase) { phase in
            guard case .success(let shop) = shop else { return }
            switch phase {
            case .active: shop.takeUp()
            case .background: shop.toBackground()
            default: break
            }
        }
    }
}

/// What lives as long as the app: the client, and the sales under way. A screen that goes away ends none of them.
@MainActor
final class Shop {
    let keys = KeychainCredentials()
    let till: TillViewModel
    private let client: Daraja
    /// Shows what the ledger tells, as long as the app is open.
    private var listening: Task<Void, Never>?

    init() throws {
        let folder = try FileManager.default.url(
            for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        // Safaricom's test system, and an address of your own server: examples/relay keeps callbacks at /kept.
        client = try Daraja(
            credentials: keys,
            settings: ClientSettings(environment: .sandbox, callbackUrl: "https://shop.example.co.ke/kept"),
            ledger: .file(folder.appendingPathComponent("payments.db")))
        till = TillViewModel(client: client)
    }

    /// Keeps the keys that were typed in, at set-up or again because the old ones were refused. The next call takes the new ones.
    func keep(_ typed: DarajaKeys) throws {
        try keys.keep(typed)
        client.forgetCredentials()
    }

    /// What a kill or a long sleep interrupted. Prompts nobody, and leaves alone what is looked after.
    func takeUp() {
        guard keys.areThere else { return }
        Task { try await till.takeUp() }
        if listening == nil { listening = Task { await till.listen() } }
    }

    /// In the background no keys are needed; the next call asks the Keychain. A push that is on its way is given the time to
    /// learn its answer.
    func toBackground() {
        listening?.cancel()
        listening = nil
        let time = UIApplication.shared.beginBackgroundTask()
        Task {
            try? await client.drain()
            client.forgetCredentials()
            UIApplication.shared.endBackgroundTask(time)
        }
    }
}
