/// A client of PayHero, which speaks the first generation of UpesiPay's interface.
///
/// ```swift
/// let payHero = try PayHero(
///     credentials: CredentialsSource { .payHero(authToken: try keychain.authToken()) },
///     settings: ClientSettings(baseUrl: address, callbackUrl: "https://shop.example/pay"), channelId: "1234")
/// ```
public final class PayHero: Client, @unchecked Sendable {
    /// - Parameters:
    ///   - credentials: asked when a call first needs them.
    ///   - settings: what every client has, with PayHero's address as `baseUrl`: nobody who works on Lipia has seen the address
    ///     and its authorization confirmed. A push needs a `callbackUrl` from somewhere.
    ///   - store: where payments are saved, before each push and after everything that is learnt.
    ///   - channelId: the payment channel that is paid.
    ///   - credentialId: the merchant's own Daraja credentials, by their id there.
    /// - Throws: ``LipiaError`` naming the setting that is missing or not valid.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings, store: (any PaymentStore)? = nil,
        channelId: String? = nil, credentialId: String? = nil
    ) throws {
        try super.init(
            .payHero(channelId: channelId, credentialId: credentialId), settings, credentials, store)
    }
}
