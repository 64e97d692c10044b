/// A client of Daraja, Safaricom's own API, or of the merchant's own server that speaks Daraja's form.
/// The calls that every client has: see ``Client``.
///
/// ```swift
/// let daraja = try Daraja(
///     credentials: CredentialsSource { try await keychain.credentials() },
///     settings: ClientSettings(environment: .production, callbackUrl: "https://shop.example/pay"),
///     ledger: .file(url))
/// ```
public final class Daraja: Client, @unchecked Sendable {
    /// Makes a client. Nothing starts, and the credentials are not asked for.
    ///
    /// - Parameters:
    ///   - credentials: the provider of the credentials, asked when a call first needs them.
    ///   - settings: the settings of every client. A push needs a `callbackUrl`, here or of its own.
    ///   - ledger: the file in which an order has one payment, and that survives the end of the app. Default: in memory.
    ///   - transactionType: pay bill (the default) or till.
    ///   - partyB: the number that receives the money. ``TransactionType/buyGoods`` needs it: the till number. Default: the short
    ///     code.
    ///   - queryVersion: the version of Daraja's STK query. With ``QueryVersion/v2`` a payment that a query settles has its
    ///     receipt.
    /// - Throws: ``LipiaError``: a setting is missing or not valid; `field` names it.
    public init(
        credentials: any CredentialsProvider, settings: ClientSettings = ClientSettings(),
        ledger: Ledger? = nil, transactionType: TransactionType = .payBill, partyB: String? = nil,
        queryVersion: QueryVersion = .v1
    ) throws {
        let gateway = NativeGateway.daraja(
            transactionType: transactionType, partyB: partyB, queryVersion: queryVersion)
        try super.init(gateway, settings, credentials, ledger)
    }
}
