/// A client of UpesiPay. Its callbacks are unsigned: every success is confirmed by a query before it is believed. Its guard
/// keeps the merchant from being blocked for too many failed pushes.
/// The calls that every client has: see ``Client``.
///
/// ```swift
/// let upesiPay = try UpesiPay(
///     credentials: CredentialsSource { .upesiPay(authToken: try keychain.authToken()) },
///     settings: ClientSettings(callbackUrl: "https://shop.example/pay"), channelId: "1234")
/// ```
public final class UpesiPay: Client, @unchecked Sendable {
    /// Makes a client. Nothing starts, and the credentials are not asked for.
    ///
    /// - Parameters:
    ///   - credentials: the provider of the credentials, asked when a call first needs them.
    ///   - settings: the settings of every client. A push needs a `callbackUrl`, here or of its own.
    ///   - ledger: the file in which an order has one payment, and that survives the end of the app. Default: in memory.
    ///   - generation: the generation of UpesiPay's interface that pushes use.
    ///   - channelId: the payment channel that receives the money: its number, or in generation 2 the word `wallet`.
    ///   - credentialId: the id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only.
    /// - Throws: ``LipiaError``: a setting is missing or not valid; `field` names it.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings = ClientSettings(),
        ledger: Ledger? = nil, generation: UpesiPayGeneration = .one, channelId: String? = nil,
        credentialId: String? = nil
    ) throws {
        let gateway = NativeGateway.upesiPay(
            generation: generation, channelId: channelId, credentialId: credentialId)
        try super.init(gateway, settings, credentials, ledger)
    }
}
