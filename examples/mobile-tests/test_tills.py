"""One set of stories, two tills: in Kotlin and in Swift."""

import shlex
import unittest

import world

NOWHERE = "http://127.0.0.1:9/pay"


class TillStories:
    """The stories; the classes below say which till."""

    def setUp(self):
        self.sandbox.reset()
        folder = world.folder()
        self.addCleanup(folder.cleanup)
        self.till = world.Till(
            self.command,
            folder.name,
            MPESA_BASE_URL=self.sandbox.address,
            MPESA_CALLBACK_URL=f"{self.relay.address}/kept",
            TILL_KEYS=world.keys_file(folder.name),
        )
        self.folder = folder.name

    @classmethod
    def setUpClass(cls):
        cls.command = shlex.split(world.named(cls.till_named))
        cls.sandbox = world.Sandbox()
        cls.addClassCleanup(cls.sandbox.program.__exit__)
        cls.relay = world.Relay(cls.sandbox)
        cls.addClassCleanup(cls.relay.program.__exit__)

    def receipt(self):
        [payment] = self.sandbox.payments()
        return payment["receipt"]

    def test_a_customer_pays_and_the_receipt_comes_by_the_letterbox(self):
        self.sandbox.script("254712345678", "manual")
        with self.till.start("150", "0712 345 678", "INV-001", TILL_ASK_AFTER="30") as till:
            till.until_prompted()
            self.sandbox.act("pay")
            self.assertEqual(till.ended(), 0, till.text)
        text = till.text
        self.assertEqual(world.receipt_in(text), self.receipt())
        # It asks M-Pesa no earlier than in 30 s, so nothing else can stand there before the payment.
        self.assertIn("prompted, the customer is asked for the PIN", text)
        self.assertEqual(self.sandbox.prompts, 1)
        saved = str(self.till.saved())
        for secret in world.SECRETS:
            self.assertNotIn(secret, text + saved)
        self.assertNotIn("0712", text)
        self.assertNotIn("712345678", text)

    def test_where_no_server_keeps_callbacks_it_asks(self):
        self.sandbox.script("254712345678", "manual")
        sale = ("150", "0712345678", "INV-001")
        with self.till.start(*sale, MPESA_CALLBACK_URL=NOWHERE) as till:
            world.eventually("some questions", lambda: self.sandbox.counted("queries") > 3)
            self.sandbox.act("pay")
            self.assertEqual(till.ended(), 0, till.text)
        self.assertIn("asked M-Pesa: no outcome yet", till.text)
        self.assertIn("PAID, the receipt is on the statement", till.text)

    def test_a_customer_who_cancels_is_told_so_in_two_languages(self):
        # By its callback: what a question alone says of a cancelled prompt may turn out paid, and holds the order for a while.
        text, code = self.till.run("150", "0712341032", "INV-001", TILL_ASK_AFTER="30")
        self.assertEqual(code, 1, text)
        self.assertIn("NOT PAID. Tell the customer: You cancelled", text)
        self.assertIn("Umeghairi malipo", text)
        again, code = self.till.run("150", "0712345678", "INV-001")
        self.assertEqual(code, 0, again)
        self.assertEqual(self.sandbox.prompts, 2)

    def test_killed_after_the_prompt_it_finds_out_and_prompts_nobody(self):
        self.sandbox.script("254712345678", "manual")
        with self.till.start("150", "0712345678", "INV-001", TILL_WAIT="600") as till:
            till.until_prompted()
            till.kill()
        self.sandbox.act("pay")
        text, code = self.till.run(MPESA_CALLBACK_URL=NOWHERE)
        self.assertEqual(code, 0, text)
        self.assertIn("was prompted for before: looking what became of it", text)
        self.assertEqual(world.receipt_in(text), self.receipt())
        self.assertEqual(self.sandbox.prompts, 1)

    def test_killed_and_told_to_sell_the_same_again_it_prompts_nobody(self):
        self.sandbox.script("254712345678", "manual")
        with self.till.start("150", "0712345678", "INV-001", TILL_WAIT="600") as till:
            till.until_prompted()
            till.kill()
        self.sandbox.act("cancel")
        text, code = self.till.run("150", "0712345678", "INV-001")
        self.assertEqual(code, 1, text)
        self.assertIn("NOT PAID. Tell the customer: You cancelled", text)
        self.assertEqual(self.sandbox.counted("push_attempts"), 1)

    def test_killed_while_the_answer_is_on_its_way_it_finds_out_and_prompts_nobody(self):
        self.sandbox.inject(step="push", kind="slow_after", seconds=6000)
        self.sandbox.script("254712345678", "manual")
        with self.till.start("150", "0712345678", "INV-001") as till:
            world.eventually("a prompt", lambda: self.sandbox.prompts == 1)
            till.kill()
        [saved] = self.till.saved()
        self.assertEqual(saved["state"], "sending")
        self.sandbox.act("pay")
        text, code = self.till.run()
        self.assertEqual(code, 0, text)
        self.assertEqual(world.receipt_in(text), self.receipt())
        self.assertEqual(self.sandbox.counted("push_attempts"), 1)

    def test_a_lost_answer_is_told_as_unknown_and_found_out(self):
        self.sandbox.inject(step="push", kind="answer_lost")
        text, code = self.till.run("150", "0712345678", "INV-001")
        self.assertEqual(code, 0, text)
        self.assertIn("unknown, a phone may have been prompted", text)
        self.assertEqual(world.receipt_in(text), self.receipt())
        self.assertEqual(self.sandbox.counted("push_attempts"), 1)

    def test_a_lost_answer_that_nobody_can_find_out_stays_open_and_is_not_sold_again(self):
        self.sandbox.inject(step="push", kind="answer_lost")
        for words in ["unknown, a phone may have been prompted", "was prompted for before"]:
            text, code = self.till.run(
                "150", "0712345678", "INV-001", MPESA_CALLBACK_URL=NOWHERE, TILL_WAIT="0.5"
            )
            self.assertEqual(code, 3, text)
            self.assertIn(words, text)
            self.assertIn("OPEN. Nobody can say yet", text)
        self.assertEqual(self.sandbox.counted("push_attempts"), 1)

    def test_interrupted_while_the_answer_is_on_its_way_it_still_learns_it(self):
        self.sandbox.inject(step="push", kind="slow_after", seconds=100)
        with self.till.start("150", "0712345678", "INV-001", MPESA_CALLBACK_URL=NOWHERE) as till:
            world.eventually("a prompt", lambda: self.sandbox.prompts == 1)
            till.interrupt()
            self.assertEqual(till.ended(), 130, till.text)
            self.assertIn("Closed. What is open is taken up at the next start.", till.text)
        [saved] = self.till.saved()
        self.assertEqual(saved["state"], "accepted")
        text, code = self.till.run()
        self.assertEqual(code, 0, text)
        self.assertIn("PAID", text)
        self.assertEqual(self.sandbox.prompts, 1)

    def test_keys_that_are_wrong_prompt_nobody(self):
        keys = world.keys_file(self.folder, MPESA_CONSUMER_SECRET="not-the-secret")
        text, code = self.till.run("150", "0712345678", "INV-001", TILL_KEYS=keys)
        self.assertEqual(code, 1, text)
        self.assertIn("NOT PROMPTED.", text)
        self.assertNotIn("not-the-secret", text)
        self.assertEqual(self.sandbox.counted("push_attempts"), 0)

    def test_what_is_not_told_is_asked_for(self):
        text, code = self.till.run(answers="150\n0712345678\nINV-001\n")
        self.assertEqual(code, 0, text)
        self.assertIn("Phone:", text)
        self.assertIn("PAID", text)

    def test_what_cannot_be_right_is_refused_with_a_sentence(self):
        for arguments, words in [
            (["150", "0712 345", "INV-001"], "too few digits"),
            (["1.5", "0712345678", "INV-001"], "whole"),
            (["150"], "Say AMOUNT PHONE REFERENCE"),
        ]:
            text, code = self.till.run(*arguments)
            self.assertEqual(code, 2, text)
            self.assertIn(words, text)
        text, code = self.till.run("150", "0712345678", "INV-001", TILL_WAIT="soon")
        self.assertEqual((code, text), (2, "TILL_WAIT is 'soon': it is a number of seconds."))
        self.assertEqual(self.sandbox.counted("push_attempts"), 0)

    def test_a_memory_that_is_damaged_sells_nothing(self):
        self.till.payments.mkdir()
        self.till.ledger.write_text("buy milk " * 500)
        text, code = self.till.run("150", "0712345678", "INV-001")
        self.assertNotEqual(code, 0, text)
        self.assertIn("The ledger's file is damaged", text)
        self.assertEqual(self.till.ledger.read_text(), "buy milk " * 500)
        self.assertEqual(self.sandbox.counted("push_attempts"), 0)

    def test_a_reference_of_another_sale_is_refused(self):
        text, code = self.till.run("150", "0712345678", "INV-001")
        self.assertEqual(code, 0, text)
        text, code = self.till.run("200", "0712345678", "INV-001")
        self.assertIn(code, (1, 2), text)
        self.assertIn("another", text)
        self.assertEqual(self.sandbox.counted("push_attempts"), 1)

    def test_two_that_are_started_at_once_for_one_sale_prompt_once(self):
        self.sandbox.script("254712345678", "manual")
        sale = ("150", "0712345678", "INV-001")
        # The till was open before: its ledger is there.
        self.assertEqual(self.till.run(answers="\n")[1], 0)
        with self.till.start(*sale) as one, self.till.start(*sale) as other:
            one.until_followed()
            other.until_followed()
            self.sandbox.act("pay")
            codes = [one.ended(), other.ended()]
        self.assertEqual(codes, [0, 0], f"{one.text}\n{other.text}")
        self.assertEqual(self.sandbox.counted("push_attempts"), 1)

    def test_keys_that_were_wrong_are_given_again(self):
        keys = world.keys_file(self.folder, MPESA_CONSUMER_SECRET="not-the-secret")
        text, code = self.till.run("150", "0712345678", "INV-001", TILL_KEYS=keys)
        self.assertEqual(code, 1, text)
        keys = world.keys_file(self.folder)
        text, code = self.till.run("150", "0712345678", "INV-001", TILL_KEYS=keys)
        self.assertEqual(code, 0, text)
        self.assertEqual(self.sandbox.prompts, 1)


class KotlinTill(TillStories, unittest.TestCase):
    till_named = "LIPIA_KOTLIN_TILL"


class SwiftTill(TillStories, unittest.TestCase):
    till_named = "LIPIA_SWIFT_TILL"
