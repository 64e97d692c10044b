package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.test
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectory
import kotlin.io.path.writeBytes
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** A ledger that cannot be used is a refusal that says why, and never a prompt. */
class LedgerTroubleTest {
    @TempDir
    lateinit var folder: Path
    private val sandbox = Sandbox.start()
    private val file get() = folder.resolve("payments.db")

    @AfterEach
    fun end() = sandbox.close()

    private suspend fun assertRefused(path: Path, vararg codes: String) {
        sandbox.daraja(ledger = Ledger.file(path)).use { daraja ->
            for (verb in listOf<suspend () -> Any>({ daraja.request(sale(), "table-9") }, { daraja.collect(sale(), "table-9") })) {
                val error = assertFailsWith<LipiaException>("$path") { verb() }
                assertTrue(error.code in codes, "$path: $error")
                assertEquals(Disposition.NOT_SENT, error.disposition)
                assertTrue(error.message.isNotEmpty() && error.hint != null && '\n' !in error.message, "$error")
            }
        }
        assertEquals(0L to 0L, sandbox.counted("push_attempts") to sandbox.counted("prompts"))
    }

    @Test
    fun `a folder that is not there, or in which nothing can be made`() = test {
        assertRefused(folder.resolve("nowhere/payments.db"), "ledger_path_refused")
        assertRefused(folder, "ledger_path_refused")
        // A folder of the kernel's: not even root makes a file there.
        if (Files.isDirectory(Path.of("/proc/self"))) assertRefused(Path.of("/proc/payments.db"), "ledger_read_only")
        val closed = folder.resolve("closed").createDirectory()
        if (closed.toFile().setWritable(false) && !Files.isWritable(closed)) {
            assertRefused(closed.resolve("payments.db"), "ledger_read_only")
        }
    }

    @Test
    fun `a file that is damaged, or another program's`() = test {
        file.writeBytes(ByteArray(50_000) { (it * 31).toByte() })
        assertRefused(file, "ledger_corrupt")
    }

    @Test
    fun `a disk that is full refuses, and what was sold before stays sold`() = test {
        // A process whose files may grow to 160 KiB: the ledger's log is full after some sales.
        val said = runSeller(listOf("sh", "-c", "ulimit -f 320; exec \"$@\"", "sh"))
        val (sold, code) = said.split(' ')
        assertTrue(code in setOf("ledger_full", "ledger_failed"), said)
        assertEquals(sold.toLong(), sandbox.counted("prompts"), "a sale that was refused has prompted: $said")
        sandbox.daraja(ledger = Ledger.file(file)).use { daraja ->
            for (number in 0 until sold.toInt()) assertTrue(daraja.request(sale(phone(number)), "order-$number").isExisting)
            assertEquals(sold.toLong(), sandbox.counted("prompts"))
            // There is room again.
            assertTrue(!daraja.request(sale(phone(sold.toInt())), "order-$sold").isExisting)
        }
    }

    /** Sells in a JVM of its own, and returns what it says. */
    private fun runSeller(before: List<String>): String {
        val java = child(
            "dev.lipia.Seller",
            // Its own files of statistics would be cut off as well.
            listOf("-XX:-UsePerfData", "-Djna.library.path=" + System.getProperty("jna.library.path")),
            emptyList(),
            sandbox.address, file.toString(),
        )
        val process = ProcessBuilder(before + java.command()).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        try {
            val said = process.inputStream.bufferedReader().readLine().orEmpty()
            assertTrue(process.waitFor(60, TimeUnit.SECONDS))
            return said
        } finally {
            process.destroyForcibly()
        }
    }
}

/** An app that sells as many orders as it can, and says in one line how many and what ended it. */
object Seller {
    @JvmStatic
    fun main(arguments: Array<String>): Unit = runBlocking {
        val (address, file) = arguments
        val daraja = Till.client(address, "http://127.0.0.1:9/pay", Path.of(file))
        var sold = 0
        var code = "none"
        while (sold < 500 && code == "none") {
            try {
                daraja.request(sale(phone(sold)), "order-$sold")
                sold++
            } catch (error: LipiaException) {
                check(error.disposition == Disposition.NOT_SENT) { error.toString() }
                code = error.code
            }
        }
        println("$sold $code")
        // As a kill: what is still to be written stays unwritten.
        Runtime.getRuntime().halt(0)
    }
}
