package dev.lipia.support

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText

/** The paths of the repository, as Maven passes them. */
object Repository {
    val root: Path = Path.of(property("lipia.repository")).toRealPath()

    /** The command line, which has the sandbox in it. */
    val program: Path = Path.of(property("lipia.program")).toRealPath()

    private val core: Path = root.resolve("core")

    fun vectors(name: String): JsonElement = Json.parseToJsonElement(core.resolve("vectors/$name").readText())

    fun callback(name: String): ByteArray = core.resolve("vectors/callbacks/$name").readBytes()

    fun scenarios(name: String): JsonElement = Json.parseToJsonElement(core.resolve("scenarios/$name").readText())

    fun filesIn(folder: String): List<String> = core.resolve(folder).listDirectoryEntries().map { it.name }.sorted()

    private fun property(name: String): String =
        checkNotNull(System.getProperty(name)) { "$name is not set: run the tests with `make test-kotlin`." }
}

/** `phoneNumber` as `phone_number`. */
fun snake(name: String): String = name.replace(Regex("(?<=[a-z0-9])[A-Z]")) { "_" + it.value }.lowercase()
