/// A closed list whose members have a word: the same in JSON, on the command line and in every language. Decoding takes the
/// word, and refuses any other text.
///
/// ```swift
/// Outcome(word: "insufficient_funds") == .insufficientFunds
/// ```
public protocol Word: CaseIterable, Codable, Hashable, Sendable {
    /// The word for it in JSON, on the command line and in every other language.
    var word: String { get }
}

extension Word {
    /// The member with this word, or `nil` where none has it.
    public init?(word: String) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }

    /// Reads the word.
    ///
    /// - Throws: `DecodingError`: no member of the list has this word.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let found = Self(word: word) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(word)' is not a word of \(Self.self)")
        }
        self = found
    }

    /// Writes the word.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}

extension Change: Word {}
extension Confidence: Word {}
extension Disposition: Word {}
extension ErrorKind: Word {}
extension Fault: Word {}
extension FieldComparison: Word {}
extension GatewayEnvironment: Word {}
extension GatewayName: Word {}
extension Outcome: Word {}
extension PaymentState: Word {}
extension QueryVersion: Word {}
extension Remedy: Word {}
extension TransactionType: Word {}
extension UpesiPayGeneration: Word {}
extension Verdict: Word {}
