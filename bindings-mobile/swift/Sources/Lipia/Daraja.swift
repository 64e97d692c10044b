/// A client of Daraja, Safaricom's own API, or of the merchant's own server where that speaks Daraja's form.
///
/// ```swift
/// let daraja = try Daraja(
///     credentials: CredentialsSource { try await keychain.credentials() },
///     settings: ClientSettings(environment: .production, callbackUrl: "https://shop.example/pay"))
/// ```
public final class Daraja: Client, @unchecked Sendable {
    /// - Parameters:
    ///   - credentials: asked when a call first needs them.
    ///   - settings: what every client has; a push needs a `callbackUrl` from somewhere.
    ///   - store: where payments are saved, before each push and after everything that is learnt.
    ///   - transactionType: pay bill or till.
    ///   - partyB: the till that is paid, for ``TransactionType/buyGoods``.
    ///   - queryVersion: which version of the query asks what became of a push; with ``QueryVersion/v2`` a payment that a
    ///     query settles has its receipt.
    /// - Throws: ``LipiaError`` naming the setting that is missing or not valid.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings = ClientSettings(),
        store: (any PaymentStore)? = nil, transactionType: TransactionType = .payBill, partyB: String? = nil,
        queryVersion: QueryVersion = .v1
    ) throws {
        let gateway = NativeGateway.daraja(
            transactionType: transactionType, partyB: partyB, queryVersion: queryVersion)
        try super.init(gateway, settings, credentials, store)
    }
}
