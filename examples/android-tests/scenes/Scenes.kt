package dev.lipia.till.scenes

import dev.lipia.till.app.TillApp
import java.net.HttpURLConnection
import java.net.URL
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.BeforeClass
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** Scenes in a shop, each in a process of its own: `test_android_app.py` plays them, and looks at the sandbox afterwards. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = TillApp::class, shadows = [FolderThatStays::class])
class Scenes {
    @Test
    fun sets_up_and_is_paid() {
        val screen = Screen().open()
        setUp(screen)
        sell(screen, "150", "INV-001")
        screen.read(Regex("^Paid, receipt [A-Z0-9]{10}$"))
        assertTrue(screen.written().any { it.startsWith("INV-001  KES 150  ") && "712345678" !in it })
    }

    @Test
    fun wrong_keys_are_told_and_can_be_typed_again() {
        val screen = Screen().open()
        // What cannot be right is not kept.
        setUp(screen, shortCode = "Safari")
        screen.read(Regex("short code is `S`, which is not a digit"))
        setUp(screen, secret = "not-the-secret")
        sell(screen, "150", "INV-001")
        val told = screen.read(Regex("^Nobody was prompted\\. "))
        assertFalse(told, "not-the-secret" in told)
        screen.tap("Type the keys in again")
        // A finger may have slipped: the keys that are there stay until others are kept.
        screen.tap("Back")
        screen.tap("Type the keys in again")
        setUp(screen)
        sell(screen, "150", "INV-001")
        screen.read(Regex("^Paid, receipt "))
    }

    @Test
    fun two_taps_are_one_prompt() {
        val screen = Screen().open()
        setUp(screen)
        typeSale(screen, "150", "INV-001")
        val ask = screen.button("Ask for payment")
        ask()
        ask()
        screen.read(Regex("^Waiting for the PIN"))
        Customer.pays()
        screen.read(Regex("^Paid, receipt "))
        // And a third, once it is paid.
        screen.tap("Ask for payment")
        screen.read(Regex("^Paid, receipt "))
        assertEquals(1, screen.written().count { it.startsWith("Paid") })
    }

    @Test
    fun the_device_is_turned_while_the_customer_types() {
        val screen = Screen().open()
        setUp(screen)
        sell(screen, "150", "INV-001")
        screen.read(Regex("^Waiting for the PIN"))
        screen.turn()
        screen.read(Regex("^Waiting for the PIN"))
        Customer.pays()
        screen.read(Regex("^Paid, receipt "))
    }

    @Test
    fun in_the_background_the_keys_are_forgotten_and_the_sale_goes_on() {
        val screen = Screen().open()
        setUp(screen)
        sell(screen, "150", "INV-001")
        screen.read(Regex("^Waiting for the PIN"))
        val asked = FakeKeystore.asked.get()
        screen.toBackground()
        Customer.pays()
        screen.reopen()
        screen.read(Regex("^Paid, receipt "))
        sell(screen, "160", "INV-002")
        screen.read(Regex("^Waiting for the PIN"))
        assertTrue("the Keystore was not asked again", FakeKeystore.asked.get() > asked)
        Customer.pays()
        screen.read(Regex("^INV-002"))
        screen.read(Regex("^Paid, receipt "))
    }

    /** As Android does when it needs the memory: nothing of the process runs any more. */
    @Test
    fun sells_and_is_killed() {
        val screen = Screen().open()
        setUp(screen)
        sell(screen, "150", "INV-001")
        screen.read(Regex("^Waiting for the PIN"))
        Runtime.getRuntime().halt(KILLED)
    }

    @Test
    fun takes_up_what_was_open() {
        val screen = Screen().open()
        // No set-up: the keys are in the Keystore's hands.
        screen.read(Regex("^INV-001  KES 150"))
        screen.read(Regex("^Paid, receipt "))
    }

    @Test
    @Config(qualifiers = "sw")
    fun in_swahili_the_customer_cancels() {
        val screen = Screen().open()
        setUp(screen, keep = "Hifadhi")
        screen.type("Kiasi kwa KES", "150")
        screen.type("Simu", PHONE)
        screen.type("Kumbukumbu", "INV-001")
        screen.tap("Omba malipo")
        screen.read(Regex("^Haijalipwa\\. Umeghairi malipo"))
        val english = screen.written().filter { Regex("\\b(the|payment|keys)\\b").containsMatchIn(it) }
        assertEquals(emptyList<String>(), english)
    }

    private fun setUp(screen: Screen, secret: String = "sandbox-secret", shortCode: String = "174379", keep: String = "Keep") {
        screen.type("Consumer key", "sandbox-key")
        screen.type("Consumer secret", secret)
        screen.type("Short code", shortCode)
        screen.type("Pass key", "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
        screen.tap(keep)
    }

    private fun typeSale(screen: Screen, amount: String, reference: String) {
        screen.type("Amount in KES", amount)
        screen.type("Phone", PHONE)
        screen.type("Reference", reference)
    }

    private fun sell(screen: Screen, amount: String, reference: String) {
        typeSale(screen, amount, reference)
        screen.tap("Ask for payment")
    }

    companion object {
        const val PHONE = "0712 345 678"
        const val KILLED = 137

        @JvmStatic
        @BeforeClass
        fun keystore() = FakeKeystore.install()
    }
}

/** Who has the phone that rang, at the sandbox. */
object Customer {
    /** Types the PIN for every prompt that still shows. */
    fun pays() {
        val gateway = System.getProperty("till.gateway")
        val listed = URL("$gateway/_sandbox/payments").readText()
        for (id in Regex("\"checkout_request_id\":\\s*\"([^\"]+)\"").findAll(listed).map { it.groupValues[1] }) {
            (URL("$gateway/_sandbox/payments/$id/act").openConnection() as HttpURLConnection).run {
                requestMethod = "POST"
                doOutput = true
                setRequestProperty("content-type", "application/json")
                outputStream.use { it.write("{\"do\":\"pay\"}".toByteArray()) }
                responseCode
            }
        }
    }
}
