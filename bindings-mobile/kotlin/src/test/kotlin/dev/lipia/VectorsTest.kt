package dev.lipia

import dev.lipia.support.Repository
import dev.lipia.support.differences
import dev.lipia.support.fitOf
import dev.lipia.support.flag
import dev.lipia.support.groups
import dev.lipia.support.json
import dev.lipia.support.number
import dev.lipia.support.text
import dev.lipia.support.textOf
import dev.lipia.support.written
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import java.nio.charset.CodingErrorAction
import java.time.Instant
import java.time.OffsetDateTime
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

/**
 * Runs every case of `core/vectors` through the Kotlin API: the same cases that every other language runs. A failing run
 * names all failing cases of a file at once, so that a change of policy shows its whole extent.
 */
class VectorsTest {
    /** How a file's cases are run, and how many there were when this was last looked at. */
    private class Runner(val least: Int, val run: (JsonObject) -> JsonObject)

    private val runners = mapOf(
        "phones.json" to Runner(109, ::phone),
        "amounts.json" to Runner(56, ::amount),
        "money.json" to Runner(52, ::money),
        "references.json" to Runner(34, ::reference),
        "callback_urls.json" to Runner(79, ::callbackUrl),
        "passwords.json" to Runner(23, ::passwordOf),
        "result_codes.json" to Runner(50, ::resultCode),
    )

    private fun cases(name: String) = (Repository.vectors(name) as JsonObject).groups("cases")

    @TestFactory
    fun `every case comes out as in every other language`(): List<DynamicTest> = runners.map { (name, runner) ->
        dynamicTest(name) {
            val cases = cases(name)
            assertTrue(cases.size >= runner.least, "$name has lost cases: ${cases.size}")
            val failures = cases.flatMapIndexed { place, expected ->
                differencesOf(expected, runner.run(expected)).map { "$place (${expected.text("reason")}): $it" }
            }
            assertEquals(emptyList(), failures)
        }
    }

    /** What differs in the members that were found: vectors say more than one language can ask. */
    private fun differencesOf(expected: JsonObject, found: JsonObject): List<String> =
        differences(JsonObject(found.mapValues { (name, _) -> expected[name] ?: JsonNull }), found)

    /** What a function comes to, or the code of the error that names this argument. */
    private fun orCode(field: String, nothing: JsonObject, work: () -> JsonObject): JsonObject = try {
        JsonObject(work() + ("error" to JsonNull))
    } catch (error: LipiaException.CorrectInput) {
        assertEquals(field to Disposition.NOT_SENT, error.field to error.disposition)
        JsonObject(nothing + ("error" to json(error.code)))
    }

    private fun phone(case: JsonObject): JsonObject {
        val found = orCode("phoneNumber", json("normalised" to null)) {
            val phone = parsePhoneNumber(asText(case.getValue("input")))
            assertTrue('*' in phone.masked && phone.masked != phone.number)
            assertEquals(phone.masked, phone.toString())
            json("normalised" to phone.number)
        }
        return JsonObject(found - "error")
    }

    /** In Kotlin a number is text: what is none in another language is here what it looks like. */
    private fun asText(input: JsonElement): String = (input as? JsonPrimitive)?.content ?: input.toString()

    private fun amount(case: JsonObject): JsonObject = orCode("amount", json("amount" to null)) {
        json("amount" to parseAmount(case.textOf("input"), case.number("max"), case.flag("round")))
    }

    private fun money(case: JsonObject): JsonObject = orCode("amount", json("cents" to null)) {
        val money = parseMoney(case.textOf("input"), jsonNumber = case.text("kind") == "number")
        json("cents" to money.movePointRight(2).longValueExact())
    }

    private fun reference(case: JsonObject): JsonObject {
        val input = case.textOf("input")
        val limit = case.number("limit")?.toInt()
        val fit = fitOf(case)
        return when (val field = case.textOf("field")) {
            "account_reference" -> checked("accountReference") { parseAccountReference(input, limit, fit) }
            "transaction_desc" -> checked("transactionDesc") { parseTransactionDesc(input, limit, fit) }
            else -> error("there is no field $field")
        }
    }

    private fun callbackUrl(case: JsonObject): JsonObject {
        val environment = GatewayEnvironment.valueOf(case.textOf("environment").uppercase())
        return checked("callbackUrl") { parseCallbackUrl(case.textOf("input"), environment) }
    }

    private fun checked(field: String, parse: () -> CheckedText): JsonObject =
        orCode(field, json("value" to null, "warnings" to emptyList<String>())) {
            val checked = parse()
            assertTrue(checked.remarks.all { it.message.isNotEmpty() })
            json("value" to checked.value, "warnings" to checked.remarks.map { it.code })
        }

    private fun passwordOf(case: JsonObject): JsonObject = try {
        val at = OffsetDateTime.parse(case.textOf("at")).toInstant()
        val made = password(case.textOf("short_code"), case.textOf("pass_key"), at)
        json("password" to made.password, "timestamp" to made.timestamp, "error" to null)
    } catch (error: LipiaException) {
        assertTrue(error is LipiaException.CorrectInput || error is LipiaException.CorrectSettings, error.toString())
        assertTrue(error.field in setOf("shortCode", "passKey"), error.field)
        json("password" to null, "timestamp" to null, "error" to error.code)
    }

    private fun resultCode(case: JsonObject): JsonObject {
        val code = case.textOf("code")
        val row = describe(code)
        assertEquals(isKnownResultCode(code), row.code != "*", code)
        return json(
            "known" to isKnownResultCode(code),
            "outcome" to row.outcome.word,
            "final" to row.isFinal,
            "fault" to row.fault.word,
        )
    }

    @Test
    fun `every file of vectors has a runner`() {
        assertEquals((runners.keys + "callbacks").sorted(), Repository.filesIn("vectors"))
        assertEquals((expected.keys + "expected.json" + "README.md").sorted(), Repository.filesIn("vectors/callbacks"))
    }

    @Test
    fun `every row of the table of result codes has a vector`() {
        val known = cases("result_codes.json").filter { it.flag("known") }.map { it.textOf("code") }
        assertEquals((known + "*").toSet(), resultCodes().map { it.code }.toSet())
        for (row in resultCodes()) {
            val texts = listOf(row.meaning, row.advice, row.customerMessageEn, row.customerMessageSw)
            assertTrue(texts.all(String::isNotEmpty), row.code)
            assertEquals(row, describe(row.code))
        }
    }

    /** What is expected of each body. */
    private val expected = (Repository.vectors("callbacks/expected.json") as JsonObject).mapValues { it.value as JsonObject }

    private val least = mapOf(
        GatewayName.DARAJA to 104,
        GatewayName.PAL_PLUSS to 23,
        GatewayName.UPESI_PAY to 18,
        GatewayName.PAY_HERO to 6,
    )

    private fun bodies(gateway: GatewayName): Map<String, JsonObject> {
        val bodies = expected.filterValues { it.text("provider") == gateway.word }
        assertTrue(bodies.size >= least.getValue(gateway), "$gateway: the corpus has lost cases: ${bodies.size}")
        return bodies
    }

    /** What the API says of a body, by the names of `expected.json`. */
    private fun said(parse: () -> Event): JsonObject {
        val event = try {
            parse()
        } catch (error: LipiaException) {
            assertIs<LipiaException.Disbelieve>(error)
            assertEquals(ErrorKind.INVALID_CALLBACK, error.kind)
            return json("parses" to false, "error" to error.code)
        }
        assertEquals(event.isSuccess, event.outcome == Outcome.SUCCESS)
        return json(
            "parses" to true,
            "error" to null,
            "provider" to event.gateway.word,
            "outcome" to event.outcome.word,
            "final" to event.isFinal,
            "complete" to event.complete,
            "result_code" to event.resultCode,
            "receipt" to event.receipt,
            "amount" to event.amount?.let(::written),
            "amount_cents" to event.amount?.movePointRight(2)?.longValueExact(),
            "phone" to event.phone,
            "phone_raw" to event.phoneRaw,
            "date" to event.date?.toEpochMilli(),
            "checkout_request_id" to event.checkoutRequestId,
            "merchant_request_id" to event.merchantRequestId,
            "reference" to event.reference,
            "warnings" to event.warnings,
        )
    }

    private fun failures(gateway: GatewayName, read: (body: ByteArray) -> Event): List<String> =
        bodies(gateway).flatMap { (name, expected) ->
            val instant = expected.text("date")?.let { OffsetDateTime.parse(it).toInstant().toEpochMilli() }
            val found = said { read(Repository.callback(name)) }
            differencesOf(JsonObject(expected + ("date" to json(instant))), found).map { "$name: $it" }
        }

    @TestFactory
    fun `a callback says what it says everywhere`(): List<DynamicTest> = GatewayName.entries.flatMap { gateway ->
        listOf(
            dynamicTest("of ${gateway.word}, as bytes") {
                assertEquals(emptyList(), failures(gateway) { parseCallback(it, gateway) })
            },
            dynamicTest("of ${gateway.word}, as text") {
                assertEquals(
                    emptyList(),
                    failures(gateway) { body -> textOf(body)?.let { parseCallback(it, gateway) } ?: parseCallback(body, gateway) },
                )
            },
            dynamicTest("of ${gateway.word}, through its client") {
                clientOf(gateway).use { client -> assertEquals(emptyList(), failures(gateway, client::parseCallback)) }
            },
            dynamicTest("of ${gateway.word}, told apart by its shape") { toldApart(gateway) },
        )
    }

    private fun toldApart(gateway: GatewayName) {
        val failures = bodies(gateway).flatMap { (name, named) ->
            val body = Repository.callback(name)
            val found = said { parseCallback(body) }
            val wanted = said { parseCallback(body, gateway) }
            when {
                // A shape that no gateway has.
                name == "p029_data_wrapped.json" -> differences(json("parses" to false, "error" to "unrecognised_shape"), found)
                // Another gateway's own shape.
                name == "u030_raw_daraja_body_forwarded.json" ->
                    differences(said { parseCallback(body, GatewayName.DARAJA) }, found)
                // No hostile body of Daraja's may pass as another gateway's; under which code it is refused differs.
                gateway == GatewayName.DARAJA && !found.flag("parses") ->
                    if (named.flag("parses")) listOf("not told apart") else emptyList()
                // PayHero's bodies have UpesiPay's shape.
                gateway == GatewayName.PAY_HERO ->
                    differences(said { parseCallback(body, GatewayName.UPESI_PAY) }, found)
                else -> differences(wanted, found)
            }.map { "$name: $it" }
        }
        assertEquals(emptyList(), failures)
    }

    /** The text of a body as it came; nothing for bytes that are no text. */
    private fun textOf(body: ByteArray): String? = runCatching {
        Charsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT).decode(java.nio.ByteBuffer.wrap(body)).toString()
    }.getOrNull()

    private fun clientOf(gateway: GatewayName): Client {
        val nobody = CredentialsProvider { error("nobody is asked for credentials to read a callback") }
        return when (gateway) {
            GatewayName.DARAJA -> Daraja(nobody)
            GatewayName.PAL_PLUSS -> PalPluss(nobody)
            GatewayName.UPESI_PAY -> UpesiPay(nobody, channelId = "1")
            GatewayName.PAY_HERO -> PayHero(nobody, ClientSettings(baseUrl = "https://payhero.example"), channelId = "1")
        }
    }

    @Test
    fun `a body that was kept is the body that came`() {
        for (gateway in GatewayName.entries) {
            for ((name, expected) in bodies(gateway)) {
                if (!expected.flag("parses")) continue
                val body = Repository.callback(name)
                assertContentEquals(body, parseCallback(body, gateway).body, name)
            }
        }
    }

    @Test
    fun `a value of a callback is found by the gateway's own name for it, and compared`() {
        val event = parseCallback(Repository.callback("d001_success_documented_four_items_float_amount.json"))
        assertEquals(event.receipt, event.value("MpesaReceiptNumber"))
        assertNull(event.value("NoSuchName"))
        val same = event.check(Expected(amount = "1", phoneNumber = event.phone))
        assertEquals(FieldComparison.MATCHES to true, same.amount to same.isMatch)
        assertEquals(FieldComparison.DIFFERS, event.check(Expected(amount = "2")).amount)
        assertNotEquals(Instant.EPOCH, event.date)
    }
}
