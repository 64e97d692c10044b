package dev.lipia

import dev.lipia.support.Repository
import kotlinx.validation.api.dump
import kotlinx.validation.api.filterOutNonPublic
import kotlinx.validation.api.loadApiFromJvmClasses
import org.junit.jupiter.api.Test
import java.io.InputStream
import java.nio.file.Path
import kotlin.io.path.PathWalkOption
import kotlin.io.path.extension
import kotlin.io.path.inputStream
import kotlin.io.path.readText
import kotlin.io.path.walk
import kotlin.io.path.writeText
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Everything that an app sees of the library stands in `api/lipia.api`, so that a change of it is a change that somebody reads. */
class PublicApiTest {
    private val written: Path = Repository.root.resolve("bindings-mobile/kotlin/api/lipia.api")

    private val shown: String by lazy {
        val classes = Path.of(Daraja::class.java.protectionDomain.codeSource.location.toURI())
        val files = classes.walk(PathWalkOption.BREADTH_FIRST).filter { it.extension == "class" }.map<Path, InputStream> { it.inputStream() }
        files.loadApiFromJvmClasses().filterOutNonPublic().dump(StringBuilder()).toString()
    }

    @Test
    fun `what an app sees is what is written down`() {
        if (System.getenv("LIPIA_WRITE") == "1") written.writeText(shown)
        assertEquals(
            written.readText(), shown,
            "read what has changed, and write it: LIPIA_WRITE=1 make test-kotlin MAVEN=-Dtest=PublicApiTest",
        )
    }

    @Test
    fun `nothing that only the border needs is seen`() {
        val declared = shown.lines().filter { "class " in it || "interface " in it || "fun " in it }
        assertTrue(declared.size > 500, "the list is not whole: ${declared.size}")
        val plumbing = Regex("Native|FfiConverter|Uniffi|RustBuffer|sun/jna|[^a-z]native[A-Z]|uniffi|ForeignBytes|Disposable|NoHandle")
        assertEquals(emptyList(), declared.filter(plumbing::containsMatchIn))
    }

    @Test
    fun `nobody but the library makes a record of truth, not even of another one`() {
        val truths = listOf("Payment", "Acceptance", "Status", "Event", "ReceivedCallback", "Push", "Flag", "ErrorDetails")
        for (truth in truths) {
            val members = shown.substringAfter("class dev/lipia/$truth ").substringBefore("\n}").lines()
            assertTrue(members.size > 5, "$truth is not there")
            assertEquals(emptyList(), members.filter { "<init>" in it || " copy" in it }, truth)
        }
    }
}
