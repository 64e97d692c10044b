import Lipia
import SwiftUI
import Till

struct ShopScreen: View {
    let shop: Shop
    @State private var isTyping = false
    @State private var areKeysThere = false

    var body: some View {
        Group {
            if areKeysThere && !isTyping {
                TillScreen(till: shop.till) { isTyping = true }
            } else {
                SetUpScreen(goBack: areKeysThere ? { isTyping = false } : nil) { keys in
                    try shop.keep(keys)
                    areKeysThere = true
                    isTyping = false
                }
            }
        }
        .onAppear { areKeysThere = shop.keys.areThere }
    }
}

struct TillScreen: View {
    let till: TillViewModel
    /// Keys may be mistyped, or changed at Safaricom.
    let typeKeysAgain: () -> Void
    @State private var sales: [Sale] = []
    @State private var amount = ""
    @State private var phone = ""
    @State private var reference = ""
    @State private var complaint: String?

    var body: some View {
        List {
            Section {
                TextField("Amount in KES", text: $amount).keyboardType(.numberPad)
                TextField("Phone", text: $phone).keyboardType(.phonePad)
                TextField("Reference", text: $reference)
                Button("Ask for payment", action: sell)
                if let complaint { Text(complaint).foregroundStyle(.red) }
            }
            Section {
                Button("Type the shop's keys in again", action: typeKeysAgain)
            }
            ForEach(sales.reversed()) { sale in
                VStack(alignment: .leading) {
                    Text("\(sale.reference)  KES \(sale.amount)  \(sale.phone)")
                    Text(Self.words(for: sale.stage)).foregroundStyle(.secondary)
                    if case .notPrompted(_, _, areKeysWrong: true) = sale.stage {
                        Button("Type the shop's keys in again", action: typeKeysAgain)
                    }
                }
            }
        }
        .task { for await sales in till.changes() { self.sales = sales } }
    }

    private func sell() {
        complaint = nil
        // A task of its own: a sale outlives the screen.
        Task {
            do {
                try await till.sell(phoneNumber: phone, amount: amount, reference: reference)
            } catch {
                complaint = error.localizedDescription
            }
        }
    }

    private static func words(for stage: Stage) -> String {
        switch stage {
        case .prompting: "Sending the prompt …"
        case .waiting(_, .answerLost): "The phone may have been prompted. Finding out …"
        case .waiting(_, .takenUp): "Prompted for before. Finding out …"
        case .waiting(_, .notTold): "M-Pesa is slow, still asking"
        case .waiting(let elapsed, _): "Waiting for the PIN, \(Int(elapsed)) s"
        case .paid(let receipt?): "Paid, receipt \(receipt)"
        case .paid(nil): "Paid"
        case .notPaid(let english, let swahili): "Not paid. \(english)\n\(swahili)"
        case .notPrompted(let why, _, _): "Nobody was prompted. \(why)"
        case .open: "Nobody can say yet. Look at the statement; do not sell it again."
        }
    }
}

struct SetUpScreen: View {
    /// Back to the till with the keys that are there; nothing at the first set-up.
    let goBack: (() -> Void)?
    let keep: (DarajaKeys) throws -> Void
    @State private var consumerKey = ""
    @State private var consumerSecret = ""
    @State private var shortCode = ""
    @State private var passKey = ""
    @State private var complaint: String?

    var body: some View {
        Form {
            Text("The shop's own keys, from Safaricom's portal. They stay on this device.")
            SecureField("Consumer key", text: $consumerKey)
            SecureField("Consumer secret", text: $consumerSecret)
            TextField("Short code", text: $shortCode).keyboardType(.numberPad)
            SecureField("Pass key", text: $passKey)
            Button("Keep") {
                do {
                    try keep(
                        DarajaKeys(
                            consumerKey: consumerKey, consumerSecret: consumerSecret, shortCode: shortCode,
                            passKey: passKey))
                } catch {
                    complaint = error.localizedDescription
                }
            }
            if let complaint { Text(complaint).foregroundStyle(.red) }
            if let goBack { Button("Back", action: goBack) }
        }
    }
}
