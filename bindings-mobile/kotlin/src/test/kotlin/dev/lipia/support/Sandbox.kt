package dev.lipia.support

import dev.lipia.Client
import dev.lipia.ClientSettings
import dev.lipia.Credentials
import dev.lipia.CredentialsProvider
import dev.lipia.Daraja
import dev.lipia.GatewayEnvironment
import dev.lipia.Ledger
import dev.lipia.PalPluss
import dev.lipia.PayHero
import dev.lipia.QueryVersion
import dev.lipia.UpesiPay
import dev.lipia.UpesiPayGeneration
import dev.lipia.WaitOptions
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds

/** The sandbox, run as a user runs it: a process of its own, driven by its control API. */
class Sandbox private constructor(private val process: Process, val address: String, private val timeScale: Double) :
    AutoCloseable {

    /** Waits at the sandbox's speed. */
    val wait: WaitOptions
        get() {
            fun scaled(seconds: Double) = maxOf(seconds / maxOf(timeScale, 1.0), 0.1).seconds
            return WaitOptions(
                timeout = maxOf(scaled(120.0), 5.seconds),
                firstQueryAfter = scaled(10.0),
                queryEvery = scaled(10.0),
                longestPause = scaled(30.0),
            )
        }

    /** Settings with which a client speaks to this sandbox. Callbacks go where nobody listens. */
    val settings: ClientSettings
        get() = ClientSettings(
            environment = GatewayEnvironment.SANDBOX,
            baseUrl = address,
            callbackUrl = "http://127.0.0.1:9/pay",
            wait = wait,
        )

    fun daraja(
        settings: ClientSettings = this.settings,
        credentials: CredentialsProvider = CredentialsProvider { darajaCredentials() },
        queryVersion: QueryVersion = QueryVersion.V1,
        ledger: Ledger? = null,
    ): Daraja = Daraja(credentials, settings, queryVersion = queryVersion, ledger = ledger)

    /** A client of the gateway of that name. */
    fun client(gateway: String, settings: ClientSettings, own: JsonObject): Client = when (gateway) {
        "daraja" -> daraja(
            settings,
            CredentialsProvider { darajaCredentials(own.text("consumer_secret"), own.text("pass_key")) },
            queryVersion = if (own.text("query_version") == "v2") QueryVersion.V2 else QueryVersion.V1,
        )
        "palpluss" -> PalPluss(
            CredentialsProvider { Credentials.palPluss("pp_live_sandbox") },
            if (own.text("base_url") == null) settings.copy(baseUrl = "$address/v1") else settings,
        )
        "upesipay" -> UpesiPay(
            CredentialsProvider { Credentials.upesiPay("sandbox-upesipay-token") },
            settings,
            if (own.text("generation") == "2") UpesiPayGeneration.TWO else UpesiPayGeneration.ONE,
            channelId = "1234",
        )
        "payhero" -> PayHero(
            CredentialsProvider { Credentials.payHero("sandbox-payhero-token") },
            if (own.text("base_url") == null) settings.copy(baseUrl = "$address/payhero") else settings,
            channelId = "4321",
        )
        else -> error("there is no gateway $gateway")
    }

    /** What was counted. */
    fun counters(): JsonObject = get("counters") as JsonObject

    fun counted(name: String): Long = checkNotNull(counters().number(name)) { "nothing is counted as $name" }

    /** The payments it knows. */
    fun payments(): List<JsonObject> = (get("payments") as JsonArray).map { it as JsonObject }

    /** The requests that it received, byte for byte. */
    fun requests(): JsonArray = get("requests") as JsonArray

    /** Something that goes wrong at a step, by the names of the control API. */
    fun inject(fault: JsonObject): Unit = post("faults", fault)

    fun inject(step: String, kind: String, vararg more: Pair<String, Any?>): Unit =
        inject(json("step" to step, "kind" to kind, *more))

    fun clearFaults(): Unit = send("faults", HttpRequest.newBuilder().DELETE()).run {}

    /** Everything is as at the start. */
    fun reset(): Unit = post("reset", json())

    fun killTokens(): Unit = post("kill-tokens", json())

    /** What the customer with this number does from now on. */
    fun script(phone: String, scenario: String): Unit = post("scripts", json("phone" to phone, "scenario" to scenario))

    /** What the customer of an open prompt does now. */
    fun act(checkoutRequestId: String, ending: String): Unit =
        post("payments/$checkoutRequestId/act", json("do" to ending))

    private fun post(path: String, body: JsonObject) {
        val request = HttpRequest.newBuilder().header("Content-Type", "application/json")
        send(path, request.POST(HttpRequest.BodyPublishers.ofString(body.toString())))
    }

    private fun get(path: String): JsonElement = Json.parseToJsonElement(send(path, HttpRequest.newBuilder().GET()))

    private fun send(path: String, request: HttpRequest.Builder): String {
        val answer = HTTP.send(
            request.uri(URI("$address/_sandbox/$path")).timeout(Duration.ofSeconds(30)).build(),
            BodyHandlers.ofString(),
        )
        check(answer.statusCode() == 200) { "the sandbox refuses $path: ${answer.body()}" }
        return answer.body()
    }

    override fun close() {
        // Nobody to listen to any more: its shell ends it.
        process.outputStream.close()
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly)
            process.destroyForcibly()
            throw IOException("The sandbox did not end when it was told to.")
        }
    }

    companion object {
        private val HTTP = HttpClient.newHttpClient()

        /** Runs a program until its standard input ends, so that it never outlives this JVM, however that ends. */
        private const val UNTIL_NOBODY_LISTENS =
            """"$@" </dev/null & child=$!; exec >/dev/null; cat; kill "${'$'}child"; wait "${'$'}child"; exit 0"""

        /** The keys that every sandbox takes. Invented, and public. */
        fun darajaCredentials(consumerSecret: String? = null, passKey: String? = null): Credentials = Credentials.daraja(
            "sandbox-key",
            consumerSecret ?: "sandbox-secret",
            "174379",
            passKey ?: "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
        )

        fun start(timeScale: Double = 100.0): Sandbox {
            val process = ProcessBuilder(
                "sh", "-c", UNTIL_NOBODY_LISTENS, "sandbox",
                Repository.program.toString(), "sandbox", "--json", "--time-scale", timeScale.toString(),
            ).redirectError(ProcessBuilder.Redirect.DISCARD).start()
            val told = process.inputStream.bufferedReader().readLine()
                ?: throw IOException("The sandbox ended before it told its address: run ${Repository.program} sandbox.")
            val address = (Json.parseToJsonElement(told) as JsonObject).textOf("base_url")
            return Sandbox(process, address, timeScale)
        }
    }
}
