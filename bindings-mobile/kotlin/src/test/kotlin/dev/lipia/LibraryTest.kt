package dev.lipia

import com.sun.jna.Platform
import dev.lipia.support.PATIENCE
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The native library, and what was generated from it. */
class LibraryTest {
    @Test
    fun `the bindings were made from the library that is loaded`() {
        // Throws where a single function's checksum differs.
        uniffiEnsureInitialized()
    }

    @Test
    fun `the library has the version of the package`() {
        assertEquals(System.getProperty("lipia.version"), version())
    }

    /** As a jar has it that was released for the JVM. */
    @Test
    fun `the library is found among the resources`(@TempDir folder: Path) {
        val name = System.mapLibraryName("lipia_mobile")
        val place = folder.resolve(Platform.RESOURCE_PREFIX).createDirectories()
        Path.of(System.getProperty("jna.library.path"), name).copyTo(place.resolve(name))
        assertEquals(version(), versionToldBy(folder.toString()))
        assertEquals("", versionToldBy(""), "it was found elsewhere, and the test above says nothing")
    }

    private fun versionToldBy(folder: String): String {
        val process = child("dev.lipia.VersionTeller", emptyList(), listOf(folder).filter(String::isNotEmpty))
            .redirectError(ProcessBuilder.Redirect.DISCARD).start()
        try {
            assertTrue(process.waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS))
            return process.inputStream.bufferedReader().readText().trim()
        } finally {
            process.destroyForcibly()
        }
    }
}

/** A JVM of its own with everything that the tests have, but for what tells where the native library is. */
fun child(main: String, options: List<String>, classPath: List<String> = emptyList(), vararg arguments: String): ProcessBuilder {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val classes = classPath + (System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path"))
    return ProcessBuilder(
        listOf(java, "-XX:TieredStopAtLevel=1") + options + listOf("-cp", classes.joinToString(File.pathSeparator), main) + arguments,
    )
}

object VersionTeller {
    @JvmStatic
    fun main(arguments: Array<String>): Unit = println(version())
}
