/// A client of PalPluss. Its webhooks are unsigned: every success is confirmed by a query before it is believed.
/// The calls that every client has: see ``Client``.
///
/// ```swift
/// let palPluss = try PalPluss(
///     credentials: CredentialsSource { .palPluss(apiKey: try keychain.apiKey()) },
///     settings: ClientSettings(callbackUrl: "https://shop.example/pay"))
/// ```
public final class PalPluss: Client, @unchecked Sendable {
    /// Makes a client. Nothing starts, and the credentials are not asked for.
    ///
    /// - Parameters:
    ///   - credentials: the provider of the credentials, asked when a call first needs them.
    ///   - settings: the settings of every client. A push needs a `callbackUrl`, here or of its own.
    ///   - ledger: the file in which an order has one payment, and that survives the end of the app. Default: in memory.
    ///   - plainApiKey: whether the key is sent as `Basic <key>`, in place of the user name of HTTP Basic authentication.
    ///   - channelId: the payment channel that receives the money. Default: the default channel of the account.
    ///   - credentialId: the id at PalPluss of the merchant's own Daraja credentials.
    /// - Throws: ``LipiaError``: a setting is missing or not valid; `field` names it.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings = ClientSettings(),
        ledger: Ledger? = nil, plainApiKey: Bool = false, channelId: String? = nil,
        credentialId: String? = nil
    ) throws {
        let gateway = NativeGateway.palPluss(
            plainApiKey: plainApiKey, channelId: channelId, credentialId: credentialId)
        try super.init(gateway, settings, credentials, ledger)
    }
}
