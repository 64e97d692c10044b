import Foundation
import Lipia

/// One sale, as a screen shows it.
public struct Sale: Identifiable, Equatable, Sendable {
    /// The payment's.
    public let id: String
    public let reference: String
    /// Whole KES.
    public let amount: Int
    /// Masked: a till is looked at by whoever is next in the queue.
    public let phone: String
    public let stage: Stage

    func at(_ stage: Stage) -> Sale {
        Sale(id: id, reference: reference, amount: amount, phone: phone, stage: stage)
    }
}

/// How far a sale has come.
public enum Stage: Equatable, Sendable {
    /// The prompt is on its way to the phone.
    case prompting
    /// The customer is being asked, or may be; `news` is the latest of it. `elapsed` is in seconds.
    case waiting(elapsed: TimeInterval, news: News)
    /// The money was received. Daraja tells the receipt with the callback alone.
    case paid(receipt: String?)
    /// There was no money, for a reason that the customer may be told.
    case notPaid(english: String, swahili: String)
    /// Nobody was prompted; `why` says what to do. Where the keys are wrong, they are to be typed in again.
    case notPrompted(why: String, mayBeTriedAgain: Bool, areKeysWrong: Bool)
    /// Nobody can say yet. It may be paid still: it is taken up again at the next start, and must not be sold again.
    case open
}

/// What a wait brought last.
public enum News: Equatable, Sendable {
    /// M-Pesa took the push.
    case accepted
    /// The answer to the push was lost: a phone may have been prompted.
    case answerLost(why: String)
    /// The till was closed in the middle of it, and looks again what became of it.
    case takenUp
    /// M-Pesa was asked: the customer is at it.
    case stillAsking
    /// M-Pesa was asked, and did not tell.
    case notTold(why: String)
    /// Something came that settles nothing.
    case something
}

extension Payment {
    /// Whether a customer may have been prompted, and nobody knows yet what came of that.
    public var mayBePaid: Bool { state == .sending || state == .unknown || state == .accepted }

    func at(_ stage: Stage) -> Sale {
        let phone = (try? parsePhoneNumber(push.phoneNumber).masked) ?? ""
        return Sale(id: id, reference: push.accountReference, amount: push.amount, phone: phone, stage: stage)
    }

    /// What to show of it once no more is being heard of it.
    var ended: Stage {
        if isPaid { return .paid(receipt: receipt) }
        switch state {
        case .settled:
            let words = describe()
            return .notPaid(english: words.customerMessageEn, swahili: words.customerMessageSw)
        case .reserved:
            let why = lastError?.description ?? "The prompt was not sent."
            return .notPrompted(
                why: why, mayBeTriedAgain: lastError?.retryable ?? true,
                areKeysWrong: lastError.map { areKeysWrong($0.kind) } ?? false)
        case .sending, .unknown, .accepted:
            return .open
        }
    }
}

/// Whether an error is about the merchant's keys, which a person can type in again.
func areKeysWrong(_ kind: ErrorKind) -> Bool {
    kind == .authentication || kind == .credentials
}
