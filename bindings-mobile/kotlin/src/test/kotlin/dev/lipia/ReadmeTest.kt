package dev.lipia

import dev.lipia.support.Repository
import dev.lipia.support.Sandbox
import dev.lipia.support.test
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.launch
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What the project's README and this library's show is compiled, and does what it says. */
class ReadmeTest {
    @TempDir
    lateinit var ledgers: File
    private val sandbox = Sandbox.start()
    private val shown = Quickstart()
    private val folder = Repository.root.resolve("bindings-mobile/kotlin")

    @AfterEach
    fun end() = sandbox.close()

    @Test
    fun `every piece of Kotlin in the READMEs is in Quickstart`() {
        val quickstart = folder.resolve("src/test/kotlin/dev/lipia/Quickstart.kt").readText().lines().joinToString("\n", transform = String::trim)
        for ((document, least) in listOf("README.md" to 1, "bindings-mobile/kotlin/README.md" to 4)) {
            val text = Repository.root.resolve(document).readText()
            val pieces = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(text)
                .map { piece -> piece.groupValues[1].trim().lines().joinToString("\n", transform = String::trim) }.toList()
            assertTrue(pieces.size >= least, "$document lost pieces: ${pieces.size}")
            for (piece in pieces) assertContains(quickstart, piece)
        }
    }

    @Test
    fun `the first sale is paid`() = test {
        assertEquals(Outcome.SUCCESS, shown.sellTea(sandbox.address, CredentialsProvider { Sandbox.darajaCredentials() }).outcome)
    }

    /** Run as a file, with nothing but what a Maven project has that names the library. */
    @Test
    fun `the program in Java is compiled and sells`(@TempDir scratch: Path) {
        val text = folder.resolve("README.md").readText()
        val program = Regex("```java\n(.*?)```", RegexOption.DOT_MATCHES_ALL).find(text)!!.groupValues[1]
        val source = scratch.resolve("Sell.java").apply { writeText(program) }
        val passKey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
        val process = child(
            source.toString(), listOf("-Djna.library.path=" + System.getProperty("jna.library.path")),
            emptyList(), sandbox.address, passKey,
        ).redirectErrorStream(true).start()
        val told = process.inputStream.bufferedReader().readText().trim()
        assertEquals("paid" to 0, told to process.waitFor())
    }

    @Test
    fun `a test of one's own sells in the sandbox`() = test { shown.aSaleIsPaid() }

    @Test
    fun `it opens a client, sells, and finds out`() = test {
        shown.open({ Sandbox.darajaCredentials() }, ledgers).use { assertEquals(GatewayName.DARAJA, it.gateway) }
        sandbox.daraja().use { daraja ->
            val told = mutableListOf<String>()
            shown.sell(daraja, told::add)
            assertContains(told.first(), "waiting for the customer")
            assertEquals("paid", told.last())
            assertContains(shown.pushCarefully(daraja, sale(phone(1))), "ws_CO_")
            assertContains(shown.pushCarefully(daraja, sale("0712349012")), "Nobody was prompted")
            assertContains(shown.pushCarefully(daraja, sale("07")), "phone number")
            sandbox.inject("push", "answer_lost")
            assertEquals("unknown", shown.pushCarefully(daraja, sale(phone(2))), "nobody heard of this prompt again")
            val heard = CompletableDeferred<Payment>()
            val listening = launch { shown.listen(daraja, heard::complete, told::add) }
            assertTrue(heard.await().run { isPaid && order == "table-9-lunch" })
            listening.cancel()
            told.clear()
            shown.sell(daraja, told::add)
            assertEquals(listOf("paid already, receipt on the statement"), told)
        }
    }
}
