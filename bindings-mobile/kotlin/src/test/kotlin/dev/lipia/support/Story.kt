package dev.lipia.support

import dev.lipia.Acceptance
import dev.lipia.Client
import dev.lipia.ClientSettings
import dev.lipia.Event
import dev.lipia.Fit
import dev.lipia.LipiaException
import dev.lipia.Payment
import dev.lipia.PaymentHandle
import dev.lipia.Progress
import dev.lipia.Status
import dev.lipia.StkPush
import dev.lipia.WaitOptions
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.math.BigDecimal
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit

/**
 * Plays a story of `core/scenarios` against a sandbox of its own, and fails where anything comes otherwise than it says.
 * What each step means stands in `core/scenarios/README.md`.
 */
class Story(private val story: JsonObject, private val sandbox: Sandbox, private val shop: Shop) {
    private val clients = mutableMapOf<String, Client>()
    private var at = "first"
    private var payment: PaymentHandle? = null
    private var event: Event? = null
    private var prompt: String? = null

    init {
        if (story.flag("callbacks")) {
            client("first").let { first ->
                shop.receive = { path, body -> first.receiveCallback(path, body, confirm = story.flag("confirm")) }
            }
        }
    }

    private fun client(name: String = at): Client = clients.getOrPut(name) {
        val own = story.group("settings") ?: json()
        val wait = sandbox.wait.let {
            val first = story.group("wait")?.text("first_query_after")?.toDouble()?.seconds
            if (first == null) it else it.copy(firstQueryAfter = first)
        }
        val usual = sandbox.settings
        val settings: ClientSettings = usual.copy(
            wait = wait,
            baseUrl = own.text("base_url") ?: usual.baseUrl,
            callbackUrl = if (story.flag("callbacks")) shop.callbackUrl else usual.callbackUrl,
            timeout = own.text("timeout")?.toDouble()?.seconds,
            // Credentials come too late to derive one of, and the shop's processes know each other's URLs.
            callbackSecrets = listOf("the seal of all the shop's processes"),
        )
        sandbox.client(story.text("gateway") ?: "daraja", settings, own)
    }

    suspend fun play() {
        story.groups("faults").forEach(sandbox::inject)
        story.groups("steps").forEachIndexed { place, step ->
            repeat((step.number("times") ?: 1).toInt()) {
                val found = step(step)
                val expected = step.group("expect") ?: json()
                val unexpected = found.group("error").takeIf { "error" !in expected }
                val differing = differences(expected, found) +
                    listOfNotNull(unexpected?.let { "there is the error ${it.text("code")}: ${it.text("message")}" })
                check(differing.isEmpty()) { "step ${place + 1}, ${step.text("do")}: $differing" }
            }
        }
        for (client in clients.values) {
            client.close()
            client.drain()
            check(client.isAtRest) { "something of it still goes on" }
        }
        val counted = differences(story.group("counters") ?: json(), sandbox.counters())
        check(counted.isEmpty()) { "in the end $counted" }
        story.group("sold")?.let { sold ->
            val asked = differences(sold, sandbox.payments().last())
            check(asked.isEmpty()) { "it was asked for $asked" }
        }
        check(shop.mistakes.isEmpty()) { "the shop made mistakes: ${shop.mistakes}" }
    }

    /** Does a step; what came of it, by the names that a step expects. */
    private suspend fun step(step: JsonObject): JsonObject = try {
        did(step)
    } catch (error: LipiaException) {
        failed = error
        json("error" to said(error))
    }

    private var failed: LipiaException? = null

    /** The payment of the last error. */
    private fun thePaymentOfTheError(): PaymentHandle = checkNotNull(failed?.payment) { "no error had a payment" }

    private val thePayment: PaymentHandle get() = checkNotNull(payment) { "no payment was reserved yet" }

    private val thePrompt: String
        get() = (payment?.let { it.snapshot().checkoutRequestId } ?: prompt)
            ?: sandbox.payments().last().textOf("checkout_request_id")

    private fun filledIn(text: String): String {
        val withId = text.replace("{payment_id}", payment?.id.orEmpty())
        return if ("{checkout_request_id}" in withId) withId.replace("{checkout_request_id}", thePrompt) else withId
    }

    private suspend fun did(step: JsonObject): JsonObject = when (val name = step.textOf("do")) {
        "stk_push" -> accepted(client().stkPush(pushOf(step)).also { prompt = it.id })
        "reserve" -> nothing { payment = client().reserve(pushOf(step)) }
        "push" -> accepted(client().push(thePayment))
        "collect" -> json("payment" to said(client().collect(pushOf(step), waitOf(step))))
        "collect_payment" -> json("payment" to said(client().collect(thePayment, waitOf(step))))
        "wait" -> json("payment" to said(client().wait(thePayment, waitOf(step))))
        "wait_by_id" -> json("status" to said(client().wait(thePrompt, waitOf(step))))
        "watch" -> json("told" to watched(step))
        "query" -> json("status" to said(client().stkQuery(step.text("checkout_request_id") ?: thePrompt)))
        "look" -> json("payment" to said(thePayment.snapshot()))
        "claim" -> json("payment" to said(thePaymentOfTheError().also { payment = it }.snapshot()))
        "resume" -> nothing { resume(step) }
        "hear" -> heard(step)
        "deliver" -> delivered(step)
        "believe" -> json("verdict" to client().believe(thePayment, checkNotNull(event)).word)
        "act" -> nothing { sandbox.act(thePrompt, step.textOf("ending")) }
        "script" -> nothing { sandbox.script(step.textOf("phone_number"), step.textOf("scenario")) }
        "clear_faults" -> nothing { sandbox.clearFaults() }
        "kill_tokens" -> nothing { sandbox.killTokens() }
        else -> error("nobody knows the step $name")
    }

    private inline fun nothing(work: () -> Unit): JsonObject {
        work()
        return json()
    }

    private suspend fun watched(step: JsonObject): List<String> {
        val told = mutableListOf<String>()
        client().watch(thePayment, waitOf(step)).collect { progress ->
            val word = said(progress)
            if (told.lastOrNull() != word) told += word
        }
        return told
    }

    private fun resume(step: JsonObject) {
        val saved = Json.parseToJsonElement(thePayment.toJson()) as JsonObject
        at = step.textOf("to")
        payment = client().resume(JsonObject(saved + (step.group("edit") ?: json())).toString())
    }

    private suspend fun heard(step: JsonObject): JsonObject {
        val wanted = (step.group("expect")?.get("verdicts") as JsonArray).size
        eventually("$wanted callbacks are heard") { shop.verdicts.size >= wanted }
        return json("verdicts" to shop.verdicts)
    }

    private suspend fun delivered(step: JsonObject): JsonObject {
        val path = filledIn(step.text("path") ?: thePayment.snapshot().push.callbackUrl)
        val body = filledIn(step.textOf("body")).encodeToByteArray()
        val received = client(step.text("to") ?: at).receiveCallback(path, body, confirm = story.flag("confirm"))
        check(received.paymentId == thePayment.id)
        event = received.event
        return json("verdict" to received.verdict?.word)
    }

    companion object {
        suspend fun play(story: JsonObject) {
            Sandbox.start(story.group("sandbox")?.text("time_scale")?.toDouble() ?: 100.0).use { sandbox ->
                Shop().use { shop -> Story(story, sandbox, shop).play() }
            }
        }
    }
}

private fun pushOf(step: JsonObject): StkPush {
    val push = checkNotNull(step.group("push"))
    return StkPush(
        phoneNumber = push.textOf("phone_number"),
        amount = push.textOf("amount"),
        accountReference = push.textOf("account_reference"),
        transactionDesc = push.text("transaction_desc").orEmpty(),
        callbackUrl = push.text("callback_url"),
        fit = fitOf(push),
        roundAmount = push.flag("round_amount"),
        channelId = push.text("channel_id"),
    )
}

/** The treatment of a text that is too long, in a story or a vector. */
fun fitOf(case: JsonObject): Fit = if (case.text("fit") == "truncate") Fit.TRUNCATE else Fit.REFUSE

private fun waitOf(step: JsonObject): WaitOptions? {
    val timeout: Duration = step.text("timeout")?.toDouble()?.seconds ?: return null
    return WaitOptions(timeout = timeout)
}

private fun accepted(acceptance: Acceptance): JsonObject {
    check(acceptance.id.isNotEmpty())
    return json("accepted" to true)
}

private fun said(error: LipiaException): JsonObject {
    check(error.message.isNotEmpty() && '\n' !in error.message)
    check(error::class.simpleName == error.remedy.word.split('_').joinToString("") { it.replaceFirstChar(Char::uppercase) })
    return json(
        "remedy" to error.remedy.word,
        "kind" to error.kind.word,
        "disposition" to error.disposition.word,
        "code" to error.code,
        "message" to error.message,
        "field" to error.field?.let(::snake),
        "http_status" to error.httpStatus,
        "retryable" to error.retryable,
        "retry_after_seconds" to error.retryAfter?.toDouble(DurationUnit.SECONDS),
    )
}

private fun said(payment: Payment): JsonObject = json(
    "state" to payment.state.word,
    "outcome" to payment.outcome.word,
    "result_code" to payment.resultCode,
    "is_paid" to payment.isPaid,
    "receipt" to (payment.receipt != null),
    "paid_amount" to payment.paidAmount?.let(::written),
    "flags" to payment.flags.map { it.reason },
)

private fun said(status: Status): JsonObject = json(
    "outcome" to status.outcome.word,
    "is_final" to status.isFinal,
    "result_code" to status.resultCode,
)

private fun said(progress: Progress): String = when (progress) {
    is Progress.Queried -> "asked: ${progress.status.outcome.word}"
    is Progress.QueryFailed -> "not told: ${progress.error.kind.word}"
    is Progress.CallbackReceived -> "news"
    is Progress.Settled -> "settled: ${progress.payment.outcome.word}"
    is Progress.TimedOut -> "open: ${progress.payment.outcome.word}"
}

/** An amount as the other languages write it: `150`, `10.5`. */
fun written(amount: BigDecimal): String = amount.stripTrailingZeros().toPlainString()
