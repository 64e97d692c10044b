package dev.lipia.till

import dev.lipia.ClientSettings
import dev.lipia.Credentials
import dev.lipia.CredentialsProvider
import dev.lipia.GatewayEnvironment
import dev.lipia.Ledger
import dev.lipia.WaitOptions
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What the till is told from outside: nothing of it is in the program. */
class Surroundings(private val environment: Map<String, String> = System.getenv()) {
    /** The till's memory, in a folder of its own that no backup has. */
    val ledger: Ledger
        get() = Ledger.file(Files.createDirectories(Path.of(environment["TILL_PAYMENTS"] ?: "payments")).resolve("payments.db"))

    val settings: ClientSettings
        get() = ClientSettings(
            environment = when (val word = environment["MPESA_ENVIRONMENT"] ?: "sandbox") {
                "sandbox" -> GatewayEnvironment.SANDBOX
                "production" -> GatewayEnvironment.PRODUCTION
                else -> throw WrongSurroundings("MPESA_ENVIRONMENT is '$word': it is sandbox or production.")
            },
            baseUrl = environment["MPESA_BASE_URL"],
            callbackUrl = environment["MPESA_CALLBACK_URL"],
            timeout = 20.seconds,
        )

    /** How M-Pesa is asked. The tests' customers are a hundred times as fast. */
    val wait: WaitOptions
        get() = WaitOptions(
            timeout = seconds("TILL_WAIT"),
            firstQueryAfter = seconds("TILL_ASK_AFTER"),
            queryEvery = seconds("TILL_ASK_AFTER"),
            longestPause = seconds("TILL_ASK_AFTER"),
        )

    /** How often the letterbox is looked into. */
    val lookEvery: Duration get() = seconds("TILL_LOOK_EVERY") ?: 3.seconds

    /**
     * The keys, read when they are needed and not before: from the file that `TILL_KEYS` names, else from the environment.
     * With an access token in it the till is one without keys, at the merchant's own server.
     */
    val credentials: CredentialsProvider
        get() = CredentialsProvider {
            val keys = environment["TILL_KEYS"]?.let { environment + linesOf(Path.of(it)) } ?: environment
            fun key(name: String) = keys[name] ?: throw WrongSurroundings("$name is neither set nor in the file TILL_KEYS.")
            when (val token = keys["TILL_ACCESS_TOKEN"]) {
                null -> Credentials.daraja(
                    key("MPESA_CONSUMER_KEY"), key("MPESA_CONSUMER_SECRET"), key("MPESA_SHORTCODE"), key("MPESA_PASSKEY"),
                )
                else -> Credentials.accessToken(token, key("MPESA_SHORTCODE"))
            }
        }

    private fun seconds(name: String) = environment[name]?.let {
        it.toDoubleOrNull()?.seconds ?: throw WrongSurroundings("$name is '$it': it is a number of seconds.")
    }

    private fun linesOf(file: Path): Map<String, String> = Files.readAllLines(file)
        .filterNot { it.isBlank() || it.startsWith("#") }
        .associate { it.substringBefore("=").trim() to it.substringAfter("=", "").trim() }
}

/** Something that the till is told from outside cannot be. */
class WrongSurroundings(message: String) : Exception(message)
