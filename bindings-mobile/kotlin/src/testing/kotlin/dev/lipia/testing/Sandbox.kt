package dev.lipia.testing

import dev.lipia.ClientSettings
import dev.lipia.Credentials
import dev.lipia.CredentialsProvider
import dev.lipia.Daraja
import dev.lipia.GatewayEnvironment
import dev.lipia.GatewayName
import dev.lipia.Ledger
import dev.lipia.PalPluss
import dev.lipia.PayHero
import dev.lipia.UpesiPay
import dev.lipia.WaitOptions
import java.io.File
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URI
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds

/**
 * A sandbox for your own tests: a process on this machine that plays Daraja, PalPluss, UpesiPay and PayHero, with scripted
 * customers. It prompts no phone and moves no money.
 *
 * It is the `sandbox` of the command line `lipia`, which has to be there: on the `PATH`, or named by the system property
 * `lipia.program` or the variable `LIPIA_PROGRAM`. The last four digits of a phone number choose what its customer does
 * (`lipia sandbox --numbers` lists them), and so does [script].
 *
 * ```
 * Sandbox.start().use { sandbox ->
 *     sandbox.daraja().use { daraja ->
 *         assertTrue(daraja.collect(StkPush("0712345678", 150, "INV-001")).isPaid)
 *         assertEquals(1, sandbox.prompts)
 *     }
 * }
 * ```
 */
public class Sandbox private constructor(
    private val process: Process,
    /** The sandbox's address. Daraja and UpesiPay are at it, the others below it: [settings] has each one's. */
    public val baseUrl: String,
    /** Sandbox seconds that pass in a second. */
    public val timeScale: Double,
) : AutoCloseable {
    /** The times of waits at the sandbox's speed. */
    public val wait: WaitOptions
        get() {
            val scale = maxOf(timeScale, 1.0)
            return WaitOptions(
                timeout = maxOf(120 / scale, 5.0).seconds,
                firstQueryAfter = (10 / scale).seconds,
                queryEvery = (10 / scale).seconds,
                longestPause = (30 / scale).seconds,
            )
        }

    /** How many phones were prompted. */
    public val prompts: Int get() = counted("prompts")

    /**
     * The settings with which a gateway's client speaks to this sandbox, and waits at its speed.
     *
     * @param callbackUrl the URL of your app on this machine. Default: a port on which nothing listens.
     */
    @JvmOverloads
    public fun settings(gateway: GatewayName = GatewayName.DARAJA, callbackUrl: String = "http://127.0.0.1:9/pay"): ClientSettings =
        ClientSettings(
            environment = GatewayEnvironment.SANDBOX,
            baseUrl = baseUrl + PATHS.getValue(gateway),
            callbackUrl = callbackUrl,
            wait = wait,
        )

    /** A client of Daraja for this sandbox. Without a ledger the payments that it requests are in its memory. */
    @JvmOverloads
    public fun daraja(settings: ClientSettings = settings(), ledger: Ledger? = null): Daraja =
        Daraja(credentials(GatewayName.DARAJA), settings, ledger = ledger)

    /** A client of PalPluss for this sandbox. */
    @JvmOverloads
    public fun palPluss(settings: ClientSettings = settings(GatewayName.PAL_PLUSS), ledger: Ledger? = null): PalPluss =
        PalPluss(credentials(GatewayName.PAL_PLUSS), settings, ledger = ledger)

    /** A client of UpesiPay for this sandbox. */
    @JvmOverloads
    public fun upesiPay(settings: ClientSettings = settings(GatewayName.UPESI_PAY), ledger: Ledger? = null): UpesiPay =
        UpesiPay(credentials(GatewayName.UPESI_PAY), settings, channelId = "1234", ledger = ledger)

    /** A client of PayHero for this sandbox. */
    @JvmOverloads
    public fun payHero(settings: ClientSettings = settings(GatewayName.PAY_HERO), ledger: Ledger? = null): PayHero =
        PayHero(credentials(GatewayName.PAY_HERO), settings, channelId = "4321", ledger = ledger)

    /**
     * Chooses what the customer with this number does from now on.
     *
     * @param phoneNumber in any usual spelling: `0712…`, `2547…`.
     * @param scenario a name of `lipia sandbox --numbers`, or `manual`: nothing until [act].
     */
    public fun script(phoneNumber: String, scenario: String) {
        send("POST", "scripts", """{"phone":"${plain(phoneNumber)}","scenario":"${plain(scenario)}"}""")
    }

    /**
     * Has the customer of an open prompt do something now.
     *
     * @param checkoutRequestId the prompt's id, from the acceptance.
     * @param ending `pay`, `cancel`, `wrong_pin` and the like.
     */
    public fun act(checkoutRequestId: String, ending: String) {
        send("POST", "payments/${plain(checkoutRequestId)}/act", """{"do":"${plain(ending)}"}""")
    }

    /**
     * Makes something go wrong at a step.
     *
     * ```
     * sandbox.inject("push", "answer_lost")
     * ```
     *
     * @param step `oauth`, `push`, `query` or `callback`.
     * @param kind `answer_lost`, `dropped`, `http_500` and the like: sandbox/README.md lists them.
     */
    public fun inject(step: String, kind: String) {
        send("POST", "faults", """{"step":"${plain(step)}","kind":"${plain(kind)}"}""")
    }

    /** Takes back everything that [inject] made go wrong. */
    public fun clearFaults() {
        send("DELETE", "faults", null)
    }

    /** What was counted under a name: `prompts`, `push_attempts`, `queries`, `oauth_calls` … */
    public fun counted(name: String): Int {
        val counters = send("GET", "counters", null)
        val found = Regex("\"${Regex.escape(name)}\"\\s*:\\s*(\\d+)").find(counters)
        return requireNotNull(found) { "Nothing is counted as $name: $counters" }.groupValues[1].toInt()
    }

    private fun send(method: String, path: String, body: String?): String {
        val connection = URI("$baseUrl/_sandbox/$path").toURL().openConnection() as HttpURLConnection
        connection.requestMethod = method
        connection.connectTimeout = PATIENCE_MILLISECONDS
        connection.readTimeout = PATIENCE_MILLISECONDS
        if (body != null) {
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", "application/json")
            connection.outputStream.use { it.write(body.encodeToByteArray()) }
        }
        val status = connection.responseCode
        val answer = (if (status < 400) connection.inputStream else connection.errorStream)?.use { it.readBytes().decodeToString() }
        require(status == 200) { "The sandbox refuses $path: ${answer.orEmpty()}" }
        return answer.orEmpty()
    }

    /** Ends the sandbox. */
    override fun close() {
        // Its shell ends it when nobody writes to it any more.
        process.outputStream.close()
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly)
            process.destroyForcibly()
        }
    }

    override fun toString(): String = "Sandbox($baseUrl)"

    /** Starts sandboxes. */
    public companion object {
        private const val PATIENCE_MILLISECONDS = 30_000

        private val PATHS = mapOf(
            GatewayName.DARAJA to "",
            GatewayName.PAL_PLUSS to "/v1",
            GatewayName.UPESI_PAY to "",
            GatewayName.PAY_HERO to "/payhero",
        )

        /** Runs a program until its standard input ends, so that it never outlives this JVM, however that ends. */
        private const val UNTIL_NOBODY_WRITES =
            """"$@" </dev/null & child=$!; exec >/dev/null; cat; kill "${'$'}child"; wait "${'$'}child"; exit 0"""

        /** A provider of the credentials that every sandbox takes. Invented, and public. */
        @JvmStatic
        public fun credentials(gateway: GatewayName): CredentialsProvider = CredentialsProvider {
            when (gateway) {
                GatewayName.DARAJA -> Credentials.daraja(
                    "sandbox-key", "sandbox-secret", "174379",
                    "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
                )
                GatewayName.PAL_PLUSS -> Credentials.palPluss("pp_live_sandbox")
                GatewayName.UPESI_PAY -> Credentials.upesiPay("sandbox-upesipay-token")
                GatewayName.PAY_HERO -> Credentials.payHero("sandbox-payhero-token")
            }
        }

        /**
         * Starts a sandbox on a port of its own.
         *
         * @param timeScale sandbox seconds that pass in a second. Default: 100, at which a customer who takes 17 seconds is done in
         * under 0.2.
         * @param program the command line `lipia`. Default: the one that the environment names.
         * @throws IOException the program is not there, or did not start.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(IOException::class)
        public fun start(timeScale: Double = 100.0, program: File = program()): Sandbox {
            val process = ProcessBuilder(
                "sh", "-c", UNTIL_NOBODY_WRITES, "sandbox", program.path, "sandbox", "--json", "--time-scale", timeScale.toString(),
            ).redirectError(ProcessBuilder.Redirect.DISCARD).start()
            val told = process.inputStream.bufferedReader().readLine()
            val address = told?.let { Regex("\"base_url\"\\s*:\\s*\"([^\"]+)\"").find(it) }?.groupValues?.get(1)
            if (address == null) {
                process.destroy()
                throw IOException("The sandbox did not start: run `$program sandbox --json` to see why.")
            }
            return Sandbox(process, address, timeScale)
        }

        private fun program(): File {
            val named = System.getProperty("lipia.program") ?: System.getenv("LIPIA_PROGRAM")
            val candidates = if (named != null) {
                listOf(File(named))
            } else {
                System.getenv("PATH").orEmpty().split(File.pathSeparatorChar).map { File(it, "lipia") }
            }
            return candidates.firstOrNull { it.canExecute() && it.isFile } ?: throw IOException(
                "The command line `lipia` was not found${named?.let { " at $it" }.orEmpty()}: install Lipia's " +
                    "command line, or name it in `LIPIA_PROGRAM`.",
            )
        }

        /** A name or an id that needs no escapes in JSON and in an address. */
        private fun plain(text: String): String = text.also {
            require(text.none { it == '"' || it == '\\' || it == '/' || it < ' ' }) { "`$text` is not a name that the sandbox knows." }
        }
    }
}
