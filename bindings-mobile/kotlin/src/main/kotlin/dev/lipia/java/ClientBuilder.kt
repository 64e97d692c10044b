package dev.lipia.java

import dev.lipia.Client
import dev.lipia.ClientSettings
import dev.lipia.CredentialsProvider
import dev.lipia.Daraja
import dev.lipia.GatewayEnvironment
import dev.lipia.Ledger
import dev.lipia.LipiaException
import dev.lipia.PalPluss
import dev.lipia.PayHero
import dev.lipia.QueryVersion
import dev.lipia.TransactionType
import dev.lipia.UpesiPay
import dev.lipia.UpesiPayGeneration
import dev.lipia.WaitOptions
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.runInterruptible
import java.time.Duration
import java.util.concurrent.Executor
import kotlin.time.toKotlinDuration

/**
 * Settings of a client in the making: those that every gateway has. [LipiaClient] has a builder for each gateway.
 *
 * @param B the builder itself.
 */
public abstract class ClientBuilder<B : ClientBuilder<B>> internal constructor(private val credentials: CredentialsSupplier) {
    private var settings = ClientSettings()
    private var ledger: Ledger? = null
    private var dispatcher: CoroutineDispatcher = Dispatchers.IO

    /** Sandbox or production. See [ClientSettings.environment]. */
    public fun environment(environment: GatewayEnvironment): B = with { copy(environment = environment) }

    /** An address in place of the environment's, such as the merchant's own server. */
    public fun baseUrl(baseUrl: String): B = with { copy(baseUrl = baseUrl) }

    /** The hosts besides this machine that [baseUrl] may name with `http`, for a sandbox of your own. See [ClientSettings.cleartextHosts]. */
    public fun cleartextHosts(hosts: List<String>): B = with { copy(cleartextHosts = hosts) }

    /** The URL that results are posted to, on the merchant's server. */
    public fun callbackUrl(callbackUrl: String): B = with { copy(callbackUrl = callbackUrl) }

    /** The secrets that seal callback URLs, newest first, at least 16 bytes each. */
    public fun callbackSecrets(secrets: List<String>): B = with { copy(callbackSecrets = secrets) }

    /** Whether each payment's token is appended to the callback URL. Default: yes. */
    public fun callbackToken(callbackToken: Boolean): B = with { copy(callbackToken = callbackToken) }

    /** The time for one call. Default: 30 seconds. */
    public fun timeout(timeout: Duration): B = with { copy(timeout = timeout.toKotlinDuration()) }

    /** The times of waits that do not set their own. */
    public fun wait(wait: WaitOptions): B = with { copy(wait = wait) }

    /** The largest amount of one push, in whole KES. Default: 250,000. */
    public fun maxAmount(maxAmount: Long): B = with { copy(maxAmount = maxAmount) }

    /** The most characters of an account reference. Default: 12. */
    public fun maxReferenceCharacters(characters: Int): B = with { copy(maxReferenceCharacters = characters) }

    /** Whether the gateway's usual guard keeps the merchant from being blocked. Default: yes. */
    public fun guard(guard: Boolean): B = with { copy(guard = guard) }

    /** The most questions about payments in a minute, of all clients of the account together; 0 for no limit. */
    public fun questionsPerMinute(questions: Int): B = with { copy(questionsPerMinute = questions) }

    /** A file of certificates in PEM. TLS trusts these alone. */
    public fun caBundle(path: String): B = with { copy(caBundle = path) }

    /** The name of the app, with its version, such as `duka/2.1`. It stands after Lipia's in the user agent of requests. */
    public fun application(application: String): B = with { copy(application = application) }

    /** The shop whose orders the client requests, where several merchants share a ledger. Default: `default`. */
    public fun shop(shop: String): B = with { copy(shop = shop) }

    /** The ledger of the payments that are requested: `Ledger.file(…)`. Default: the memory of this client. */
    public fun ledger(ledger: Ledger): B = self().also { this.ledger = ledger }

    /** Where the app's own code runs: suppliers and listeners. Default: threads that may block. */
    public fun executor(executor: Executor): B = self().also { dispatcher = executor.asCoroutineDispatcher() }

    /**
     * Makes the client. Starts neither a thread nor a connection, and does not ask for the credentials.
     *
     * @throws LipiaException.CorrectSettings a setting is not valid; [LipiaException.field] names it.
     */
    @Throws(LipiaException::class)
    public fun build(): LipiaClient {
        val dispatcher = dispatcher
        val credentials = credentials
        val provider = CredentialsProvider { runInterruptible(dispatcher) { credentials.get() } }
        return LipiaClient(client(Given(provider, settings, ledger)), dispatcher)
    }

    internal abstract fun client(given: Given): Client

    /** What every gateway's client is made of. */
    internal class Given(
        val credentials: CredentialsProvider,
        val settings: ClientSettings,
        val ledger: Ledger?,
    )

    @Suppress("UNCHECKED_CAST")
    private fun self(): B = this as B

    private fun with(change: ClientSettings.() -> ClientSettings): B = self().also { settings = settings.change() }
}

/** A client of Daraja in the making: see [Daraja]. */
public class DarajaBuilder internal constructor(credentials: CredentialsSupplier) : ClientBuilder<DarajaBuilder>(credentials) {
    private var transactionType = TransactionType.PAY_BILL
    private var partyB: String? = null
    private var queryVersion = QueryVersion.V1

    /** Pay bill (the default) or till. */
    public fun transactionType(type: TransactionType): DarajaBuilder = apply { transactionType = type }

    /** The number that receives the money. A till needs it: its till number. Default: the short code. */
    public fun partyB(number: String): DarajaBuilder = apply { partyB = number }

    /** The version of Daraja's STK query. With `V2` a payment that a query settles has its receipt. */
    public fun queryVersion(version: QueryVersion): DarajaBuilder = apply { queryVersion = version }

    override fun client(given: Given): Client = given.run {
        Daraja(credentials, settings, transactionType, partyB, queryVersion, ledger)
    }
}

/** A client of PalPluss in the making: see [PalPluss]. */
public class PalPlussBuilder internal constructor(credentials: CredentialsSupplier) : ClientBuilder<PalPlussBuilder>(credentials) {
    private var plainApiKey = false
    private var channelId: String? = null
    private var credentialId: String? = null

    /** Whether the key is sent as `Basic <key>`, in place of the user name of HTTP Basic authentication. */
    public fun plainApiKey(isPlain: Boolean): PalPlussBuilder = apply { plainApiKey = isPlain }

    /** The payment channel that receives the money. Default: the default channel of the account. */
    public fun channelId(id: String): PalPlussBuilder = apply { channelId = id }

    /** The id at PalPluss of the merchant's own Daraja credentials. */
    public fun credentialId(id: String): PalPlussBuilder = apply { credentialId = id }

    override fun client(given: Given): Client = given.run {
        PalPluss(credentials, settings, plainApiKey, channelId, credentialId, ledger)
    }
}

/** A client of UpesiPay in the making: see [UpesiPay]. */
public class UpesiPayBuilder internal constructor(credentials: CredentialsSupplier) : ClientBuilder<UpesiPayBuilder>(credentials) {
    private var generation = UpesiPayGeneration.ONE
    private var channelId: String? = null
    private var credentialId: String? = null

    /** The generation of UpesiPay's interface that pushes use. */
    public fun generation(generation: UpesiPayGeneration): UpesiPayBuilder = apply { this.generation = generation }

    /** The payment channel that receives the money: its number, or in generation 2 the word `wallet`. */
    public fun channelId(id: String): UpesiPayBuilder = apply { channelId = id }

    /** The id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only. */
    public fun credentialId(id: String): UpesiPayBuilder = apply { credentialId = id }

    override fun client(given: Given): Client = given.run {
        UpesiPay(credentials, settings, generation, channelId, credentialId, ledger)
    }
}

/** A client of PayHero in the making, which needs a [baseUrl]: see [PayHero]. */
public class PayHeroBuilder internal constructor(credentials: CredentialsSupplier) : ClientBuilder<PayHeroBuilder>(credentials) {
    private var channelId: String? = null
    private var credentialId: String? = null

    /** The number of the payment channel that receives the money. */
    public fun channelId(id: String): PayHeroBuilder = apply { channelId = id }

    /** The id at PayHero of the merchant's own Daraja credentials. */
    public fun credentialId(id: String): PayHeroBuilder = apply { credentialId = id }

    override fun client(given: Given): Client = given.run {
        PayHero(credentials, settings, channelId, credentialId, ledger)
    }
}
