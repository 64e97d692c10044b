package dev.lipia.support

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull

/** The text of a member; nothing where it is not there or null. */
fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.contentOrNull

/** The same for a member that must be there. */
fun JsonObject.textOf(name: String): String = checkNotNull(text(name)) { "$name is missing in $this" }

fun JsonObject.flag(name: String): Boolean = (this[name] as? JsonPrimitive)?.booleanOrNull ?: false

fun JsonObject.group(name: String): JsonObject? = this[name] as? JsonObject

fun JsonObject.groups(name: String): List<JsonObject> = (this[name] as? JsonArray).orEmpty().map { it as JsonObject }

fun JsonObject.number(name: String): Long? = text(name)?.toLong()

/** What was found, as JSON, to be compared with what is expected. */
fun json(value: Any?): JsonElement = when (value) {
    null -> JsonNull
    is JsonElement -> value
    is Boolean -> JsonPrimitive(value)
    is Number -> JsonPrimitive(value)
    is String -> JsonPrimitive(value)
    is List<*> -> JsonArray(value.map(::json))
    is Map<*, *> -> JsonObject(value.entries.associate { (name, member) -> name as String to json(member) })
    else -> error("${value::class} is not for JSON")
}

fun json(vararg members: Pair<String, Any?>): JsonObject = json(members.toMap()) as JsonObject

/** Where [found] differs from what is expected of it, as sentences; what nothing is expected of is left alone. */
fun differences(expected: JsonObject, found: JsonObject, within: String = ""): List<String> =
    expected.flatMap { (name, value) ->
        val there = found[name]
        when {
            value is JsonObject && there is JsonObject -> differences(value, there, "$within$name.")
            there != null && same(value, there) -> emptyList()
            else -> listOf("$within$name is $there, expected $value")
        }
    }

/** 1 and 1.0 are the same number, 1 and "1" are not the same. */
private fun same(one: JsonElement, other: JsonElement): Boolean = when {
    one is JsonNull || other is JsonNull -> one == other
    one is JsonPrimitive && other is JsonPrimitive && one.isString == other.isString -> {
        val numbers = listOf(one, other).mapNotNull { if (it.isString) null else it.content.toBigDecimalOrNull() }
        if (numbers.size == 2) numbers[0].compareTo(numbers[1]) == 0 else one.content == other.content
    }
    one is JsonArray && other is JsonArray -> one.size == other.size && one.zip(other).all { (a, b) -> same(a, b) }
    else -> one == other
}
