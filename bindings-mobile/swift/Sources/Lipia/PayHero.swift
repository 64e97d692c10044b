/// A client of PayHero, which speaks the first generation of UpesiPay's interface. Its callbacks are unsigned: every
/// success is confirmed by a query before it is believed.
/// The calls that every client has: see ``Client``.
///
/// ```swift
/// let payHero = try PayHero(
///     credentials: CredentialsSource { .payHero(authToken: try keychain.authToken()) },
///     settings: ClientSettings(baseUrl: address, callbackUrl: "https://shop.example/pay"), channelId: "1234")
/// ```
public final class PayHero: Client, @unchecked Sendable {
    /// Makes a client. Nothing starts, and the credentials are not asked for.
    ///
    /// - Parameters:
    ///   - credentials: the provider of the credentials, asked when a call first needs them.
    ///   - settings: the settings of every client, with PayHero's address as `baseUrl`. Lipia has no default address, because its
    ///     authors could not confirm the address and its authorization. A push needs a `callbackUrl`, here or of its own.
    ///   - ledger: the file in which an order has one payment, and that survives the end of the app. Default: in memory.
    ///   - channelId: the number of the payment channel that receives the money.
    ///   - credentialId: the id at PayHero of the merchant's own Daraja credentials.
    /// - Throws: ``LipiaError``: a setting is missing or not valid; `field` names it.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings, ledger: Ledger? = nil,
        channelId: String? = nil, credentialId: String? = nil
    ) throws {
        try super.init(
            .payHero(channelId: channelId, credentialId: credentialId), settings, credentials, ledger)
    }
}
