package dev.lipia

/**
 * Safaricom's own API, or a merchant's server that speaks its form.
 *
 * ```
 * val daraja = Daraja(
 *     CredentialsProvider { keystore.darajaCredentials() },
 *     ClientSettings(environment = GatewayEnvironment.PRODUCTION, callbackUrl = "https://shop.example.co.ke/pay"),
 * )
 * ```
 *
 * @param credentials where the keys come from when they are needed: see [daraja] and [accessToken].
 * @param settings address, callback URL, times.
 * @param transactionType pay bill or till.
 * @param partyB who receives the money: for a till, the till number.
 * @param queryVersion which version of the query asks what became of a push; with `V2` a payment that a query settles has
 * its receipt.
 * @param store where payments are saved, before each push leaves and after everything that is learnt.
 * @throws LipiaException.CorrectSettings where a setting cannot be right; [LipiaException.field] names it.
 */
public class Daraja(
    credentials: CredentialsProvider,
    settings: ClientSettings = ClientSettings(),
    transactionType: TransactionType = TransactionType.PAY_BILL,
    partyB: String? = null,
    queryVersion: QueryVersion = QueryVersion.V1,
    store: PaymentStore? = null,
) : Client(NativeGateway.Daraja(transactionType, partyB, queryVersion), credentials, settings, store)

/**
 * PalPluss.
 *
 * @param credentials where the key comes from when it is needed: see [palPluss].
 * @param settings address, callback URL, times.
 * @param plainApiKey whether the key is sent as it is instead of as a user name.
 * @param channelId the payment channel that is paid.
 * @param credentialId the merchant's own Daraja credentials, by their id at PalPluss.
 * @param store where payments are saved, before each push leaves and after everything that is learnt.
 * @throws LipiaException.CorrectSettings where a setting cannot be right; [LipiaException.field] names it.
 */
public class PalPluss(
    credentials: CredentialsProvider,
    settings: ClientSettings = ClientSettings(),
    plainApiKey: Boolean = false,
    channelId: String? = null,
    credentialId: String? = null,
    store: PaymentStore? = null,
) : Client(NativeGateway.PalPluss(plainApiKey, channelId, credentialId), credentials, settings, store)

/**
 * UpesiPay.
 *
 * @param credentials where the token comes from when it is needed: see [upesiPay].
 * @param settings address, callback URL, times.
 * @param generation which generation of its interface takes the pushes.
 * @param channelId the payment channel that is paid: its number, or in generation 2 the word `wallet`.
 * @param credentialId the merchant's own Daraja credentials, by their id at UpesiPay. Generation 1 alone.
 * @param store where payments are saved, before each push leaves and after everything that is learnt.
 * @throws LipiaException.CorrectSettings where a setting cannot be right; [LipiaException.field] names it.
 */
public class UpesiPay(
    credentials: CredentialsProvider,
    settings: ClientSettings = ClientSettings(),
    generation: UpesiPayGeneration = UpesiPayGeneration.ONE,
    channelId: String? = null,
    credentialId: String? = null,
    store: PaymentStore? = null,
) : Client(NativeGateway.UpesiPay(generation, channelId, credentialId), credentials, settings, store)

/**
 * PayHero, which speaks the first generation of UpesiPay's interface.
 *
 * @param credentials where the token comes from when it is needed: see [payHero].
 * @param settings callback URL, times, and PayHero's address as `baseUrl`, which must be given: nobody who works on Lipia
 * has seen the address and its authorization confirmed.
 * @param channelId the payment channel that is paid: its number.
 * @param credentialId the merchant's own Daraja credentials, by their id at PayHero.
 * @param store where payments are saved, before each push leaves and after everything that is learnt.
 * @throws LipiaException.CorrectSettings where a setting cannot be right; [LipiaException.field] names it.
 */
public class PayHero(
    credentials: CredentialsProvider,
    settings: ClientSettings,
    channelId: String? = null,
    credentialId: String? = null,
    store: PaymentStore? = null,
) : Client(NativeGateway.PayHero(channelId, credentialId), credentials, settings, store)
