/// A client of PalPluss.
///
/// ```swift
/// let palPluss = try PalPluss(
///     credentials: CredentialsSource { .palPluss(apiKey: try keychain.apiKey()) },
///     settings: ClientSettings(callbackUrl: "https://shop.example/pay"))
/// ```
public final class PalPluss: Client, @unchecked Sendable {
    /// - Parameters:
    ///   - credentials: asked when a call first needs them.
    ///   - settings: what every client has; a push needs a `callbackUrl` from somewhere.
    ///   - store: where payments are saved, before each push and after everything that is learnt.
    ///   - plainApiKey: whether the key is sent as it is.
    ///   - channelId: the payment channel that is paid. Default: the account's own.
    ///   - credentialId: the merchant's own Daraja credentials, by their id there.
    /// - Throws: ``LipiaError`` naming the setting that is missing or not valid.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings = ClientSettings(),
        store: (any PaymentStore)? = nil, plainApiKey: Bool = false, channelId: String? = nil,
        credentialId: String? = nil
    ) throws {
        let gateway = NativeGateway.palPluss(
            plainApiKey: plainApiKey, channelId: channelId, credentialId: credentialId)
        try super.init(gateway, settings, credentials, store)
    }
}
