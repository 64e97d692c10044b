"""App, merchant's server, M-Pesa: the phone has a token and no key, and what it may ask for the server decides."""

import shlex
import unittest
import urllib.error

import world


class RelayStories:
    @classmethod
    def setUpClass(cls):
        cls.command = shlex.split(world.named(cls.till_named))
        cls.sandbox = world.Sandbox()
        cls.addClassCleanup(cls.sandbox.program.__exit__)

    def setUp(self):
        self.sandbox.reset()
        self.relay = world.Relay(self.sandbox)
        self.addCleanup(self.relay.program.__exit__)
        folder = world.folder()
        self.addCleanup(folder.cleanup)
        self.app = world.Till(
            self.command,
            folder.name,
            MPESA_BASE_URL=self.relay.address,
            MPESA_CALLBACK_URL=f"{self.relay.address}/kept",
            MPESA_SHORTCODE="174379",
            TILL_ACCESS_TOKEN="token-of-amina",
        )

    def refused(self, *arguments, **environment):
        text, code = self.app.run(*arguments, **environment)
        self.assertEqual(code, 1, text)
        self.assertIn("NOT PROMPTED.", text)
        self.assertEqual(self.sandbox.counted("push_attempts"), 0)
        return text

    def test_an_app_without_keys_is_paid_through_the_server(self):
        text, code = self.app.run("150", "0712345678", "INV-001", TILL_ASK_AFTER="30")
        self.assertEqual(code, 0, text)
        [payment] = self.sandbox.payments()
        self.assertEqual(world.receipt_in(text), payment["receipt"])
        [push] = self.sandbox.pushes()
        self.assertTrue(
            push["CallBackURL"].startswith(f"{self.relay.address}/pay/"), push["CallBackURL"]
        )
        self.assertTrue(push["Password"])

    def test_the_outcome_is_asked_for_through_the_server(self):
        nowhere = "http://127.0.0.1:9/pay"
        text, code = self.app.run(
            "50",
            "0712341032",
            "INV-002",
            TILL_ACCESS_TOKEN="token-of-baraka",
            MPESA_CALLBACK_URL=nowhere,
        )
        self.assertEqual(code, 1, text)
        self.assertIn("NOT PAID. Tell the customer: You cancelled", text)

    def test_a_wrong_token_is_refused(self):
        text = self.refused("150", "0712345678", "INV-001", TILL_ACCESS_TOKEN="token-of-nobody")
        self.assertNotIn("token-of-nobody", text)
        self.assertEqual(self.sandbox.counted("oauth_calls"), 0)

    def test_another_amount_than_the_orders_is_refused(self):
        self.assertIn("Amount", self.refused("1", "0712345678", "INV-001"))

    def test_another_users_order_is_refused(self):
        self.assertIn("AccountReference", self.refused("50", "0712345678", "INV-002"))

    def test_another_phone_than_the_users_is_refused(self):
        self.assertIn("PhoneNumber", self.refused("150", "0712345679", "INV-001"))

    def test_an_order_is_prompted_for_once_whatever_the_app_remembers(self):
        self.sandbox.script("254712345678", "manual")
        with self.app.start("150", "0712345678", "INV-001", TILL_WAIT="600") as app:
            app.until_prompted()
            app.kill()
        self.app.forget()
        text, code = self.app.run("150", "0712345678", "INV-001")
        self.assertEqual(code, 1, text)
        self.assertIn("prompted for this order already", text)
        self.assertEqual(self.sandbox.prompts, 1)

    def test_an_answer_that_the_server_lost_is_unknown_on_the_phone_too_and_found_out(self):
        self.sandbox.inject(step="push", kind="answer_lost")
        text, code = self.app.run("150", "0712345678", "INV-001")
        self.assertEqual(code, 0, text)
        self.assertIn("unknown, a phone may have been prompted", text)
        [payment] = self.sandbox.payments()
        self.assertEqual(world.receipt_in(text), payment["receipt"])
        self.assertEqual(self.sandbox.counted("push_attempts"), 1)

    def test_nobody_asks_about_anothers_prompt(self):
        text, code = self.app.run("150", "0712345678", "INV-001")
        self.assertEqual(code, 0, text)
        [payment] = self.sandbox.payments()
        path, body = (
            "/mpesa/stkpushquery/v1/query",
            {"CheckoutRequestID": payment["checkout_request_id"]},
        )
        own = self.relay.post(path, body, {"authorization": "Bearer token-of-amina"})
        self.assertEqual(own["ResultCode"], "0")
        for token, status in [("token-of-baraka", 400), ("token-of-nobody", 401)]:
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.relay.post(path, body, {"authorization": f"Bearer {token}"})
            self.assertEqual(refused.exception.code, status)
            refused.exception.close()

    def test_a_forged_callback_reaches_no_phone(self):
        self.sandbox.script("254712345678", "manual")
        with self.app.start("150", "0712345678", "INV-001", TILL_WAIT="600") as app:
            app.until_prompted()
            [payment] = self.sandbox.payments()
            forged = {
                "Body": {
                    "stkCallback": {
                        "MerchantRequestID": payment["merchant_request_id"],
                        "CheckoutRequestID": payment["checkout_request_id"],
                        "ResultCode": 0,
                        "ResultDesc": "Done.",
                        "CallbackMetadata": {
                            "Item": [
                                {"Name": "Amount", "Value": 150},
                                {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
                                {"Name": "TransactionDate", "Value": 20261121102115},
                                {"Name": "PhoneNumber", "Value": 254712345678},
                            ]
                        },
                    }
                }
            }
            self.relay.post("/pay/guessed", forged)
            self.sandbox.act("cancel")
            self.assertEqual(app.ended(), 1, app.text)
        self.assertIn("NOT PAID. Tell the customer: You cancelled", app.text)


class KotlinApp(RelayStories, unittest.TestCase):
    till_named = "LIPIA_KOTLIN_TILL"


class SwiftApp(RelayStories, unittest.TestCase):
    till_named = "LIPIA_SWIFT_TILL"
