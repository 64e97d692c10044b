package dev.lipia

import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/**
 * The credentials of a merchant at one gateway. They never print their secrets, stay in memory only, and are wiped once neither
 * the app nor a client holds them.
 *
 * ```
 * val credentials = CredentialsProvider {
 *     val keys = keystore.read()    // never a constant in the app
 *     Credentials.daraja(keys.consumerKey, keys.consumerSecret, "174379", keys.passKey)
 * }
 * ```
 */
public class Credentials internal constructor(private val native: NativeCredentials) : AutoCloseable {
    /** Wipes this copy. A client that was given the credentials has its own. */
    override fun close(): Unit = native.close()

    /** The credentials for the native library. What was closed is not our memory any more, and the border does not look. */
    internal fun handedOver(): NativeCredentials {
        check(!native.uniffiIsDestroyed) { "The credentials were closed before they were handed over." }
        return native
    }

    override fun toString(): String = if (native.uniffiIsDestroyed) "Credentials(closed)" else native.toString()

    /** Makes credentials for each gateway, and for the merchant's own server. */
    public companion object {
        /**
         * A merchant's own credentials at Daraja, for a client of [Daraja].
         *
         * @param consumerKey the app's consumer key.
         * @param consumerSecret the app's consumer secret.
         * @param shortCode the pay bill number; for a till, the head office or store number.
         * @param passKey the pass key that Safaricom gave for the short code.
         * @throws LipiaException.CorrectSettings a part is not valid; [LipiaException.field] names it.
         */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun daraja(
            consumerKey: String,
            consumerSecret: String,
            shortCode: String,
            passKey: String,
        ): Credentials = made { nativeDaraja(consumerKey, consumerSecret, shortCode, passKey) }

        /** A merchant's own credentials at PalPluss, for a client of [PalPluss]: the key from its dashboard. */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun palPluss(apiKey: String): Credentials = made { nativePalPluss(apiKey) }

        /**
         * A merchant's own credentials at UpesiPay, for a client of [UpesiPay]: the ready token from its dashboard, with or
         * without `Basic` before it.
         */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun upesiPay(authToken: String): Credentials = made { nativeUpesiPay(authToken) }

        /** A merchant's own credentials at UpesiPay: user name and password, in place of a ready token. */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun upesiPay(username: String, password: String): Credentials =
            made { nativeUpesiPayLogin(username, password) }

        /**
         * A merchant's own credentials at PayHero, for a client of [PayHero]: the ready token from its dashboard, with or
         * without `Basic` before it.
         */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun payHero(authToken: String): Credentials = made { nativePayHero(authToken) }

        /** A merchant's own credentials at PayHero: user name and password, in place of a ready token. */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun payHero(username: String, password: String): Credentials =
            made { nativePayHeroLogin(username, password) }

        /**
         * A token for the merchant's own server: the only credentials for an app that is given to the public. The server speaks
         * Daraja's form, has the merchant's credentials, and adds them to each request. For a client of [Daraja] with the server's
         * address as `baseUrl`.
         *
         * @param token the token that the server gave at sign-in.
         * @param shortCode the merchant's short code.
         * @param lifetime the time for which the token is good. The provider is asked again before it ends.
         * @throws LipiaException.CorrectInput the lifetime is not valid.
         * @throws LipiaException.CorrectSettings the short code is not valid.
         */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun accessToken(
            token: String,
            shortCode: String,
            lifetime: Duration?,
        ): Credentials = made { nativeAccessToken(token, shortCode, lifetime) }

        /** [accessToken] for a token without a known lifetime, which is used until the server refuses it. */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun accessToken(token: String, shortCode: String): Credentials = accessToken(token, shortCode, null as Duration?)

        /** [accessToken] with the lifetime as Java has it. */
        @JvmStatic
        @Throws(LipiaException::class)
        public fun accessToken(token: String, shortCode: String, lifetime: java.time.Duration): Credentials =
            accessToken(token, shortCode, lifetime.toKotlinDuration())

        private inline fun made(make: NativeCredentials.Companion.() -> NativeCredentials): Credentials =
            Credentials(throwing { NativeCredentials.make() })
    }
}

/**
 * The source of a client's credentials: the Keystore, or the merchant's server. Never the app's own code.
 *
 * ```
 * val daraja = Daraja(CredentialsProvider { server.signIn() }, ClientSettings(baseUrl = "https://pay.shop.example"))
 * ```
 */
public fun interface CredentialsProvider {
    /**
     * The credentials, asked for when a call first needs them, after they were forgotten or refused, and when their time is up.
     * Calls that need them at the same moment wait for one answer. May suspend, to ask the Keystore or the merchant's server, and
     * may throw. Where it throws, nothing is sent, and the call may be tried again. The call ends with a [LipiaException] that it
     * throws, and has any other as its exception's cause.
     */
    public suspend fun credentials(): Credentials
}

/** A provider as the native library calls it. */
internal class GuardedProvider(private val provider: CredentialsProvider) : NativeCredentialsProvider {
    override suspend fun credentials(): NativeCredentials = orAppException { provider.credentials().handedOver() }

    override fun toString(): String = "CredentialsProvider"
}
