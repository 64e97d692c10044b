"""Tests as a shop writes them, which Django's own runner runs on a database in memory."""

from __future__ import annotations

from typing import Any

from django.test import LiveServerTestCase, TestCase

import lipia
from lipia.django.models import Payment

from .testing import ASKED, callback_body, callback_path, lipia_setting, post, told, wait_until


class PayTest(LiveServerTestCase):
    def test_a_customer_pays(self) -> None:
        with lipia.Sandbox() as sandbox:
            with self.settings(LIPIA=lipia_setting(sandbox, f"{self.live_server_url}/pay")):
                payment = Payment.objects.request(**ASKED, order="7")
                wait_until(lambda: told(payment) == ["succeeded"], "the success is told")
        payment.refresh_from_db()
        self.assertTrue(payment.is_paid)


class InATransaction(TestCase):
    """Each test is rolled back: none sees what another one has left."""

    def setUp(self) -> None:
        self.assertFalse(Payment.objects.exists())
        self.sandbox = lipia.Sandbox()
        self.enterContext(self.sandbox)
        setting = lipia_setting(self.sandbox, "http://127.0.0.1:9/pay")
        self.enterContext(self.settings(LIPIA=setting))

    def enterContext(self, manager: Any) -> Any:
        """Python 3.10 has no such method."""
        entered = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return entered

    def test_a_request(self) -> None:
        payment = Payment.objects.request(**ASKED, order="7")
        self.assertEqual(post(callback_path(payment), callback_body(payment)), 200)
        self.assertEqual(told(payment), ["succeeded"])
        self.assertEqual(Payment.objects.request(**ASKED, order="7"), payment)

    async def test_an_awaited_request(self) -> None:
        payment = await Payment.objects.arequest(**ASKED, order="7")
        again = await Payment.objects.arequest(**ASKED, order="7")
        self.assertEqual(again, payment)
        self.assertEqual(self.sandbox.prompts, 1)
