package dev.lipia

/**
 * A client of Daraja, Safaricom's own API, or of the merchant's own server that speaks Daraja's form.
 * The calls that every client has: see [Client].
 *
 * ```
 * val daraja = Daraja(
 *     CredentialsProvider { keystore.darajaCredentials() },
 *     ClientSettings(environment = GatewayEnvironment.PRODUCTION, callbackUrl = "https://shop.example.co.ke/pay"),
 *     ledger = Ledger.file(noBackupFilesDir.resolve("payments.db")),
 * )
 * ```
 *
 * @param credentials the provider of the credentials, asked when a call first needs them: see [Credentials.daraja] and
 * [Credentials.accessToken].
 * @param settings the settings of every client: address, callback URL, times.
 * @param transactionType pay bill (the default) or till.
 * @param partyB the number that receives the money. A till needs it: its till number. Default: the short code.
 * @param queryVersion the version of Daraja's STK query. With `V2` a payment that a query settles has its receipt.
 * @param ledger the ledger of the payments that are requested. Default: the memory of this client.
 * @throws LipiaException.CorrectSettings a setting is not valid; [LipiaException.field] names it.
 */
public class Daraja(
    credentials: CredentialsProvider,
    settings: ClientSettings = ClientSettings(),
    transactionType: TransactionType = TransactionType.PAY_BILL,
    partyB: String? = null,
    queryVersion: QueryVersion = QueryVersion.V1,
    ledger: Ledger? = null,
) : Client(NativeGateway.Daraja(transactionType, partyB, queryVersion), credentials, settings, ledger)

/**
 * A client of PalPluss. Its webhooks are unsigned: every success is confirmed by a query before it is believed.
 * The calls that every client has: see [Client].
 *
 * ```
 * val palPluss = PalPluss(CredentialsProvider { Credentials.palPluss(keystore.apiKey()) })
 * ```
 *
 * @param credentials the provider of the credentials, asked when a call first needs them: see [Credentials.palPluss].
 * @param settings the settings of every client: address, callback URL, times.
 * @param plainApiKey whether the key is sent as `Basic <key>`, in place of the user name of HTTP Basic authentication.
 * @param channelId the payment channel that receives the money. Default: the default channel of the account.
 * @param credentialId the id at PalPluss of the merchant's own Daraja credentials.
 * @param ledger the ledger of the payments that are requested. Default: the memory of this client.
 * @throws LipiaException.CorrectSettings a setting is not valid; [LipiaException.field] names it.
 */
public class PalPluss(
    credentials: CredentialsProvider,
    settings: ClientSettings = ClientSettings(),
    plainApiKey: Boolean = false,
    channelId: String? = null,
    credentialId: String? = null,
    ledger: Ledger? = null,
) : Client(NativeGateway.PalPluss(plainApiKey, channelId, credentialId), credentials, settings, ledger)

/**
 * A client of UpesiPay. Its callbacks are unsigned: every success is confirmed by a query before it is believed.
 * The calls that every client has: see [Client].
 *
 * ```
 * val upesiPay = UpesiPay(CredentialsProvider { Credentials.upesiPay(keystore.authToken()) }, channelId = "1234")
 * ```
 *
 * @param credentials the provider of the credentials, asked when a call first needs them: see [Credentials.upesiPay].
 * @param settings the settings of every client: address, callback URL, times.
 * @param generation the generation of UpesiPay's interface that pushes use.
 * @param channelId the payment channel that receives the money: its number, or in generation 2 the word `wallet`.
 * @param credentialId the id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only.
 * @param ledger the ledger of the payments that are requested. Default: the memory of this client.
 * @throws LipiaException.CorrectSettings a setting is not valid; [LipiaException.field] names it.
 */
public class UpesiPay(
    credentials: CredentialsProvider,
    settings: ClientSettings = ClientSettings(),
    generation: UpesiPayGeneration = UpesiPayGeneration.ONE,
    channelId: String? = null,
    credentialId: String? = null,
    ledger: Ledger? = null,
) : Client(NativeGateway.UpesiPay(generation, channelId, credentialId), credentials, settings, ledger)

/**
 * A client of PayHero, which speaks the first generation of UpesiPay's interface. Its callbacks are unsigned: every success is
 * confirmed by a query before it is believed.
 * The calls that every client has: see [Client].
 *
 * @param credentials the provider of the credentials, asked when a call first needs them: see [Credentials.payHero].
 * @param settings the settings of every client, with PayHero's address as `baseUrl`. Lipia has no default address, because its
 * authors could not confirm the address and its authorization.
 * @param channelId the number of the payment channel that receives the money.
 * @param credentialId the id at PayHero of the merchant's own Daraja credentials.
 * @param ledger the ledger of the payments that are requested. Default: the memory of this client.
 * @throws LipiaException.CorrectSettings a setting is not valid; [LipiaException.field] names it.
 */
public class PayHero(
    credentials: CredentialsProvider,
    settings: ClientSettings,
    channelId: String? = null,
    credentialId: String? = null,
    ledger: Ledger? = null,
) : Client(NativeGateway.PayHero(channelId, credentialId), credentials, settings, ledger)
