package dev.lipia

import kotlin.time.Duration

/**
 * A merchant's own credentials at Daraja, for a client of [Daraja].
 *
 * ```
 * val credentials = CredentialsProvider {
 *     val keys = keystore.read()    // never a constant in the app
 *     Credentials.daraja(keys.consumerKey, keys.consumerSecret, "174379", keys.passKey)
 * }
 * ```
 *
 * @param consumerKey the app's consumer key.
 * @param consumerSecret the app's consumer secret.
 * @param shortCode the pay bill number; for a till, the head office or store number.
 * @param passKey the pass key that Safaricom gave for the short code.
 * @throws LipiaException.CorrectSettings a part is not valid; [LipiaException.field] names it.
 */
public fun Credentials.Companion.daraja(
    consumerKey: String,
    consumerSecret: String,
    shortCode: String,
    passKey: String,
): Credentials = throwing { nativeDaraja(consumerKey, consumerSecret, shortCode, passKey) }

/** A merchant's own credentials at PalPluss, for a client of [PalPluss]: the key from its dashboard. */
public fun Credentials.Companion.palPluss(apiKey: String): Credentials = throwing { nativePalPluss(apiKey) }

/**
 * A merchant's own credentials at UpesiPay, for a client of [UpesiPay]: the ready token from its dashboard, with or
 * without `Basic` before it.
 */
public fun Credentials.Companion.upesiPay(authToken: String): Credentials = throwing { nativeUpesiPay(authToken) }

/** A merchant's own credentials at UpesiPay: user name and password, in place of a ready token. */
public fun Credentials.Companion.upesiPay(username: String, password: String): Credentials =
    throwing { nativeUpesiPayLogin(username, password) }

/**
 * A merchant's own credentials at PayHero, for a client of [PayHero]: the ready token from its dashboard, with or
 * without `Basic` before it.
 */
public fun Credentials.Companion.payHero(authToken: String): Credentials = throwing { nativePayHero(authToken) }

/** A merchant's own credentials at PayHero: user name and password, in place of a ready token. */
public fun Credentials.Companion.payHero(username: String, password: String): Credentials =
    throwing { nativePayHeroLogin(username, password) }

/**
 * A token for the merchant's own server: the only credentials for an app that is given to the public. The server speaks
 * Daraja's form, has the merchant's credentials, and adds them to each request. For a client of [Daraja] with the server's
 * address as `baseUrl`.
 *
 * @param token the token that the server gave at sign-in.
 * @param shortCode the merchant's short code.
 * @param lifetime the time for which the token is good. The provider is asked again before it ends. Default: the token is used
 * until the server refuses it.
 * @throws LipiaException.CorrectInput the lifetime is not valid.
 * @throws LipiaException.CorrectSettings the short code is not valid.
 */
public fun Credentials.Companion.accessToken(
    token: String,
    shortCode: String,
    lifetime: Duration? = null,
): Credentials = throwing { nativeAccessToken(token, shortCode, lifetime) }

/**
 * A credentials provider made of a function. The function may suspend, to ask the Keystore or the merchant's server, and may
 * throw. Where it throws, nothing is sent, and the call may be tried again.
 *
 * ```
 * val daraja = Daraja(CredentialsProvider { server.signIn() }, ClientSettings(baseUrl = "https://pay.shop.example"))
 * ```
 */
public fun CredentialsProvider(ask: suspend () -> Credentials): CredentialsProvider =
    object : CredentialsProvider {
        override suspend fun credentials(): Credentials = ask()

        override fun toString(): String = "CredentialsProvider"
    }

/** A provider whose every failure becomes an exception that the border can carry. Anything else would hang the call. */
internal class GuardedProvider(private val provider: CredentialsProvider) : CredentialsProvider {
    override suspend fun credentials(): Credentials = orAppException {
        val credentials = provider.credentials()
        // What was closed is not our memory any more, and the border does not look.
        check(!credentials.uniffiIsDestroyed) { "The credentials were closed before they were handed over." }
        credentials
    }
}
