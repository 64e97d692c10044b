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

    init() throws {
        // Not in a backup: payments hold customers' numbers.
        var folder = try FileManager.default
            .url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
            .appendingPathComponent("payments", isDirectory: true)
        let payments = try PaymentFiles(folder)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try folder.setResourceValues(values)
        // Safaricom's test system, and an address of your own server: examples/relay keeps callbacks at /kept.
        client = try Daraja(
            credentials: keys,
            settings: ClientSettings(environment: .sandbox, callbackUrl: "https://shop.example.co.ke/kept"),
            store: payments)
        till = TillViewModel(client: client, payments: payments)
    }

    /// What a kill or a long sleep interrupted. Prompts nobody, and leaves alone what is looked after.
    func takeUp() {
        guard keys.areThere else { return }
        Task { try await till.takeUp() }
    }

    /// In the background no keys are needed; the next call asks the Keychain. A push that is on its way is given the time to
    /// learn its answer.
    func toBackground() {
        let time = UIApplication.shared.beginBackgroundTask()
        Task {
            try? await client.drain()
            client.forgetCredentials()
            UIApplication.shared.endBackgroundTask(time)
        }
    }
}
