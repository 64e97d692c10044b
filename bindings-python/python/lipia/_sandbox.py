"""The sandbox for users' own tests: Daraja, PalPluss and UpesiPay on a local port, with scripted customers."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Literal

from . import _native
from ._async_client import AsyncDaraja, AsyncPalPluss, AsyncUpesiPay
from ._client import Daraja, PalPluss, UpesiPay
from ._types import WaitOptions
from ._values import text_of
from ._words import Gateway

#: Where callbacks go in tests that receive none: nothing listens there, and nothing leaves this machine.
_NOWHERE = "http://127.0.0.1:9/pay"


class Sandbox:
    """Plays all three systems on 127.0.0.1. It prompts no phone and moves no money.

    What the customer does is chosen by the last digits of the phone number (``lipia sandbox`` lists them) or with
    :meth:`script_phone`; what goes wrong on the way, with :meth:`inject`.

    ::

        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            payment = daraja.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            assert payment.is_paid and sandbox.prompts == 1

    :param port: the port; 0 lets the system choose.
    :param time_scale: sandbox seconds that pass in a second. A customer takes some 17 seconds: at 100, under 0.2.
    """

    __slots__ = ("_native", "time_scale")

    def __init__(self, *, port: int = 0, time_scale: float = 100.0) -> None:
        #: Sandbox seconds that pass in a second.
        self.time_scale = time_scale
        # Tokens live by the clock of the client, which runs no faster.
        lifetime = min(int(3599 * max(time_scale, 1.0)), 2**32 - 1)
        self._native = _native.NativeSandbox(port, time_scale, lifetime)

    @property
    def base_url(self) -> str:
        """Its address, for Daraja and UpesiPay."""
        return self._native.base_url

    @property
    def port(self) -> int:
        """Its port."""
        return self._native.port

    def settings(self, gateway: Gateway | str = Gateway.DARAJA) -> dict[str, Any]:
        """Keywords that make a client of that gateway speak to this sandbox, with waits at its speed."""
        name = Gateway(gateway).value
        path = "/v1" if name == "palpluss" else ""
        scale = max(self.time_scale, 1.0)
        wait = WaitOptions(
            timeout=max(120.0 / scale, 5.0),
            first_query_after=10.0 / scale,
            query_every=10.0 / scale,
            longest_pause=30.0 / scale,
        )
        return {
            **_native.NativeSandbox.keys(name),
            "base_url": self.base_url + path,
            "environment": "sandbox",
            "callback_url": _NOWHERE,
            "wait": wait,
        }

    def daraja(self, **settings: Any) -> Daraja:
        """A client of Daraja that speaks to this sandbox."""
        return Daraja(**{**self.settings("daraja"), **settings})

    def palpluss(self, **settings: Any) -> PalPluss:
        """A client of PalPluss that speaks to this sandbox."""
        return PalPluss(**{**self.settings("palpluss"), **settings})

    def upesipay(self, **settings: Any) -> UpesiPay:
        """A client of UpesiPay that speaks to this sandbox."""
        return UpesiPay(**{**self.settings("upesipay"), **settings})

    def async_daraja(self, **settings: Any) -> AsyncDaraja:
        """An async client of Daraja that speaks to this sandbox."""
        return AsyncDaraja(**{**self.settings("daraja"), **settings})

    def async_palpluss(self, **settings: Any) -> AsyncPalPluss:
        """An async client of PalPluss that speaks to this sandbox."""
        return AsyncPalPluss(**{**self.settings("palpluss"), **settings})

    def async_upesipay(self, **settings: Any) -> AsyncUpesiPay:
        """An async client of UpesiPay that speaks to this sandbox."""
        return AsyncUpesiPay(**{**self.settings("upesipay"), **settings})

    @property
    def prompts(self) -> int:
        """How many times a phone was prompted."""
        return int(self.counters()["prompts"])

    def counters(self) -> dict[str, Any]:
        """What was counted: ``prompts``, ``prompts_by_phone``, ``push_attempts``, ``oauth_calls``, ``queries`` …"""
        return self._native.counters()

    def payments(self) -> list[dict[str, Any]]:
        """The payments it knows."""
        return self._native.payments()

    def requests(self) -> list[dict[str, Any]]:
        """The requests it received, without secrets."""
        return self._native.requests()

    def script_phone(self, phone_number: str, scenario: str) -> None:
        """What the customer with this number (``2547…``) does from now on: ``pay``, ``cancel``, ``silent`` …

        :raises ValueError: where there is no such scenario.
        """
        self._native.script_phone(text_of("phone_number", phone_number), scenario)

    def inject(
        self,
        step: Literal["oauth", "push", "query", "callback"],
        kind: str,
        *,
        gateway: Gateway | str | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        after_acting: bool | None = None,
    ) -> None:
        """Something that goes wrong at a step: ``answer_lost``, ``system_busy``, ``unavailable_html`` …

        :param times: how often; ``None`` is for ever.
        :param seconds: for kinds that take time, how long in sandbox seconds.
        :param after_acting: whether the gateway does its work although the answer is spoilt.
        :raises ValueError: where there is no such fault at that step; the text says what there is.
        """
        name = None if gateway is None else Gateway(gateway).value
        self._native.inject(step, kind, name, times, seconds, after_acting)

    def clear_faults(self) -> None:
        """Takes back what :meth:`inject` has not played yet."""
        self._native.clear_faults()

    def act(self, checkout_request_id: str, ending: str) -> None:
        """What the customer of an open prompt does now: ``pay``, ``cancel`` …

        :raises ValueError: where there is no such payment, or it has ended.
        """
        self._native.act(text_of("checkout_request_id", checkout_request_id), ending)

    def kill_tokens(self) -> None:
        """Invalidates every token."""
        self._native.kill_tokens()

    def reset(self) -> None:
        """Forgets payments, counters, scripts and faults."""
        self._native.reset()

    def stop(self) -> None:
        """Stops it. A second time does nothing."""
        self._native.stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


