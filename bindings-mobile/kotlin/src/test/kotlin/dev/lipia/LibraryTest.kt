package dev.lipia

import org.junit.jupiter.api.Test
import kotlin.test.assertEquals

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
}
