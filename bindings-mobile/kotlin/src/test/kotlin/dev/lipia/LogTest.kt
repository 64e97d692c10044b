package dev.lipia

import dev.lipia.support.Sandbox
import dev.lipia.support.test
import org.junit.jupiter.api.Test
import java.util.concurrent.TimeUnit
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** The log where the environment variable `LIPIA_LOG` asks for it. */
class LogTest {
    /** What a process writes to stderr that pushes once, with a logger of its own or without. */
    private fun stderrOf(asked: String, hasLogger: Boolean = false): String = Sandbox.start().use { sandbox ->
        val command = child(
            "dev.lipia.OnePush",
            listOf("-Djna.library.path=" + System.getProperty("jna.library.path")),
            emptyList(),
            sandbox.address, hasLogger.toString(),
        )
        command.environment()["LIPIA_LOG"] = asked
        val process = command.redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        assertEquals(0, process.exitValue(), said)
        said
    }

    @Test
    fun `without a logger its lines go to stderr`() {
        assertContains(stderrOf("info"), "lipia: info: the push was accepted payment_id=")
        assertFalse("lipia: " in stderrOf("warn"))
    }

    @Test
    fun `with a logger it goes before the level of the program`() {
        val said = stderrOf("info", hasLogger = true)
        assertContains(said, "own INFO the push was accepted")
        assertFalse("lipia: " in said)
        assertFalse("own " in stderrOf("error", hasLogger = true))
    }
}

/** One push, in a process of its own. */
object OnePush {
    @JvmStatic
    fun main(arguments: Array<String>) = test {
        val (address, hasLogger) = arguments
        if (hasLogger.toBoolean()) setLogger(LogLevel.DEBUG) { level, line -> println("own $level $line") }
        Till.client(address, "$address/pay").use { it.stkPush(sale(phone(1))) }
    }
}
