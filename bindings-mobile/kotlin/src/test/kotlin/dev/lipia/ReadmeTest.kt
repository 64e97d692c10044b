package dev.lipia

import dev.lipia.support.Repository
import dev.lipia.support.Sandbox
import dev.lipia.support.test
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import kotlin.io.path.readText
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What the README shows is compiled, and does what it says. */
class ReadmeTest {
    private val sandbox = Sandbox.start()
    private val shown = Quickstart()
    private val folder = Repository.root.resolve("bindings-mobile/kotlin")

    @AfterEach
    fun end() = sandbox.close()

    @Test
    fun `every piece of Kotlin in the README is in Quickstart`() {
        val quickstart = folder.resolve("src/test/kotlin/dev/lipia/Quickstart.kt").readText().lines().joinToString("\n", transform = String::trim)
        val pieces = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(folder.resolve("README.md").readText())
            .map { piece -> piece.groupValues[1].trim().lines().joinToString("\n", transform = String::trim) }.toList()
        assertTrue(pieces.size >= 4, "the README lost pieces: ${pieces.size}")
        for (piece in pieces) assertContains(quickstart, piece)
    }

    @Test
    fun `it opens a client, sells, and finds out`() = test {
        shown.open { Sandbox.darajaCredentials() }.use { assertEquals(GatewayName.DARAJA, it.gateway) }
        sandbox.daraja().use { daraja ->
            val told = mutableListOf<String>()
            shown.sell(daraja, told::add)
            assertContains(told.first(), "waiting for the customer")
            assertEquals("paid", told.last())
            assertContains(shown.pushCarefully(daraja, sale(phone(1))), "ws_CO_")
            assertContains(shown.pushCarefully(daraja, sale("0712349012")), "Nobody was prompted")
            assertContains(shown.pushCarefully(daraja, sale("07")), "phone number")
            sandbox.inject("push", "answer_lost")
            val id = shown.pushCarefully(daraja, sale(phone(2)))
            assertEquals(PaymentState.UNKNOWN, daraja.find(id)?.snapshot()?.state)
            val payment = daraja.reserve(sale(phone(3)))
            daraja.push(payment)
            assertTrue(shown.afterRestart(daraja, payment.toJson()).isPaid)
        }
    }
}
