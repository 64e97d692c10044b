/// A client of UpesiPay. Its guard keeps the merchant from being blocked for too many failed pushes.
///
/// ```swift
/// let upesiPay = try UpesiPay(
///     credentials: CredentialsSource { .upesiPay(authToken: try keychain.authToken()) },
///     settings: ClientSettings(callbackUrl: "https://shop.example/pay"), channelId: "1234")
/// ```
public final class UpesiPay: Client, @unchecked Sendable {
    /// - Parameters:
    ///   - credentials: asked when a call first needs them.
    ///   - settings: what every client has; a push needs a `callbackUrl` from somewhere.
    ///   - store: where payments are saved, before each push and after everything that is learnt.
    ///   - generation: which of its interfaces takes the pushes.
    ///   - channelId: the payment channel that is paid.
    ///   - credentialId: the merchant's own Daraja credentials, by their id there.
    /// - Throws: ``LipiaError`` naming the setting that is missing or not valid.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings = ClientSettings(),
        store: (any PaymentStore)? = nil, generation: UpesiPayGeneration = .one, channelId: String? = nil,
        credentialId: String? = nil
    ) throws {
        let gateway = NativeGateway.upesiPay(
            generation: generation, channelId: channelId, credentialId: credentialId)
        try super.init(gateway, settings, credentials, store)
    }
}
