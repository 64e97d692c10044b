import Foundation
import Till

/// Says each sale's stage in a line of its own, once.
struct Terminal {
    private var said: [String: Stage] = [:]

    mutating func show(_ sales: [Sale]) {
        for sale in sales where said[sale.id] != sale.stage {
            Self.say("\(sale.reference)  KES \(sale.amount) from \(sale.phone): \(Self.words(for: sale.stage))")
            said[sale.id] = sale.stage
        }
    }

    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    static func complain(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }

    /// Nothing where nobody answers.
    static func ask(_ question: String) async -> String? {
        FileHandle.standardOutput.write(Data("\(question): ".utf8))
        // On a thread of its own: a person may think for long.
        let answer = await Task.detached { readLine() }.value?.trimmingCharacters(in: .whitespaces)
        return answer?.isEmpty == false ? answer : nil
    }

    private static func words(for stage: Stage) -> String {
        switch stage {
        case .prompting:
            "sending the prompt"
        case .waiting(let elapsed, let news):
            elapsed > 0 ? "\(words(for: news)) (\(Int(elapsed)) s)" : words(for: news)
        case .paid(let receipt?):
            "PAID, receipt \(receipt)"
        case .paid(nil):
            "PAID, the receipt is on the statement"
        case .notPaid(let english, let swahili):
            "NOT PAID. Tell the customer: \(english) / \(swahili)"
        case .notPrompted(let why, let mayBeTriedAgain, _):
            "NOT PROMPTED. \(why)\(mayBeTriedAgain ? " It is safe to try again." : "")"
        case .open:
            "OPEN. Nobody can say yet whether it is paid: look at the statement, do not sell it again. "
                + "It is asked about at the next start."
        }
    }

    private static func words(for news: News) -> String {
        switch news {
        case .accepted: "prompted, the customer is asked for the PIN"
        case .answerLost(let why): "unknown, a phone may have been prompted. \(why)"
        case .takenUp: "was prompted for before: looking what became of it"
        case .stillAsking: "asked M-Pesa: no outcome yet"
        case .notTold(let why): "asked M-Pesa, and was not told. \(why)"
        case .something: "something came that settles nothing"
        }
    }
}
