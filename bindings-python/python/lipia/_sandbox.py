"""The sandbox for users' own tests: Daraja, PalPluss, UpesiPay and PayHero on a local port, with scripted customers."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from . import _native
from ._async_client import AsyncDaraja, AsyncPalPluss, AsyncPayHero, AsyncUpesiPay
from ._client import Daraja, PalPluss, PayHero, UpesiPay
from ._public import public
from ._types import WaitOptions
from ._values import text_of
from ._words import Gateway

if TYPE_CHECKING:
    from ._mailbox import Mailbox

#: Where callbacks go in tests that receive none: nothing listens there, and nothing leaves this
#: machine.
_NOWHERE = "http://127.0.0.1:9/pay"

#: Which variable ``from_env`` reads a setting from.
_VARIABLES = {
    "daraja": {
        "consumer_key": "MPESA_CONSUMER_KEY",
        "consumer_secret": "MPESA_CONSUMER_SECRET",
        "short_code": "MPESA_SHORTCODE",
        "pass_key": "MPESA_PASSKEY",
        "base_url": "MPESA_BASE_URL",
    },
    "palpluss": {"api_key": "PALPLUSS_API_KEY", "base_url": "PALPLUSS_BASE_URL"},
    "upesipay": {
        "auth_token": "UPESIPAY_AUTH_TOKEN",
        "channel_id": "UPESIPAY_CHANNEL_ID",
        "base_url": "UPESIPAY_BASE_URL",
    },
    "payhero": {
        "auth_token": "PAYHERO_AUTH_TOKEN",
        "channel_id": "PAYHERO_CHANNEL_ID",
        "base_url": "PAYHERO_BASE_URL",
    },
}

#: How long to wait between two looks at the counters, in seconds.
_PAUSE = 0.005


class Sandbox:
    """Plays Daraja and the gateways on 127.0.0.1. It prompts no phone and moves no money.

    What the customer does is chosen by the last four digits of the phone number (:meth:`scenarios`
    lists them) or with
    :meth:`script_phone`; what goes wrong on the way, with :meth:`inject`. Callbacks are posted to
        this machine alone:
    to your app, where it listens on a port, or to a :meth:`mailbox`.

    ::

        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            payment = daraja.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            assert payment.is_paid and sandbox.prompts == 1

    :param port: the port; 0 lets the system choose.
    :param time_scale: sandbox seconds that pass in a second. A customer takes some 17 seconds: at
        100, under 0.2.
    :raises ValueError: where the time scale is not a positive number.
    :raises OSError: where the port is taken.
    """

    __slots__ = ("_native", "time_scale")

    @public
    def __init__(self, *, port: int = 0, time_scale: float = 100.0) -> None:
        if not 0 < time_scale < float("inf"):
            raise ValueError(f"time_scale is {time_scale!r}: give a positive number, such as 100.")
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
    def phone_url(self) -> str:
        """The address of a page with a phone, for a browser on this machine.

        The page shows the prompt, takes a PIN of any four digits, and lists what goes over the
        wire. A phone that is open there waits up to a minute for its person.
        """
        return self._native.phone_url

    @property
    def port(self) -> int:
        """Its port."""
        return self._native.port

    @property
    def wait(self) -> WaitOptions:
        """Waits at the sandbox's speed, for a client that is made elsewhere: ``Daraja.from_env(wait=sandbox.wait)``."""
        scale = max(self.time_scale, 1.0)
        return WaitOptions(
            timeout=max(120.0 / scale, 5.0),
            first_query_after=10.0 / scale,
            query_every=10.0 / scale,
            longest_pause=30.0 / scale,
        )

    @public
    def settings(
        self, gateway: Gateway | str = Gateway.DARAJA, *, callback_url: str = _NOWHERE
    ) -> dict[str, Any]:
        """Keywords that make a client of that gateway speak to this sandbox, with waits at its speed.

        :param callback_url: where callbacks are posted: your app on this machine. Default: where
            nothing listens.
        """
        name = Gateway(gateway).value
        return {
            **_native.NativeSandbox.keys(name),
            "base_url": self.base_url + _native.NativeSandbox.base_path(name),
            "environment": "sandbox",
            "callback_url": callback_url,
            "wait": self.wait,
        }

    @public
    def environ(
        self, gateway: Gateway | str = Gateway.DARAJA, *, callback_url: str = _NOWHERE
    ) -> dict[str, str]:
        """The same as environment variables, for ``from_env`` and for other processes. They have no room for the
        waits' speed.

        ::

            for name, value in lipia_sandbox.environ(callback_url="http://127.0.0.1:8000/pay").items():
                monkeypatch.setenv(name, value)
        """
        settings = self.settings(gateway, callback_url=callback_url)
        names = _VARIABLES[Gateway(gateway).value]
        return {
            **{names[name]: str(value) for name, value in settings.items() if name in names},
            "MPESA_ENVIRONMENT": settings["environment"],
            "MPESA_CALLBACK_URL": settings["callback_url"],
        }

    @public
    def django_setting(
        self, gateway: Gateway | str = Gateway.DARAJA, *, callback_url: str = _NOWHERE
    ) -> dict[str, Any]:
        """The same as Django's setting ``LIPIA``: ``settings.LIPIA = lipia_sandbox.django_setting()``."""
        settings = self.settings(gateway, callback_url=callback_url)
        upper = {name.upper(): value for name, value in settings.items()}
        return {"GATEWAY": Gateway(gateway).value, **upper}

    @public
    def mailbox(self, path: str = "/pay") -> Mailbox:
        """Something that takes the callbacks for a test whose app listens on no port.

        :param path: where the app serves its callbacks.

        ::

            with lipia_sandbox.mailbox() as mailbox:
                daraja = lipia_sandbox.daraja(callback_url=mailbox.url)
        """
        from ._mailbox import Mailbox

        return Mailbox(path)

    @public
    def daraja(self, **settings: Any) -> Daraja:
        """A client of Daraja that speaks to this sandbox."""
        return Daraja(**{**self.settings("daraja"), **settings})

    @public
    def palpluss(self, **settings: Any) -> PalPluss:
        """A client of PalPluss that speaks to this sandbox."""
        return PalPluss(**{**self.settings("palpluss"), **settings})

    @public
    def upesipay(self, **settings: Any) -> UpesiPay:
        """A client of UpesiPay that speaks to this sandbox."""
        return UpesiPay(**{**self.settings("upesipay"), **settings})

    @public
    def payhero(self, **settings: Any) -> PayHero:
        """A client of PayHero that speaks to this sandbox."""
        return PayHero(**{**self.settings("payhero"), **settings})

    @public
    def async_daraja(self, **settings: Any) -> AsyncDaraja:
        """An async client of Daraja that speaks to this sandbox."""
        return AsyncDaraja(**{**self.settings("daraja"), **settings})

    @public
    def async_palpluss(self, **settings: Any) -> AsyncPalPluss:
        """An async client of PalPluss that speaks to this sandbox."""
        return AsyncPalPluss(**{**self.settings("palpluss"), **settings})

    @public
    def async_upesipay(self, **settings: Any) -> AsyncUpesiPay:
        """An async client of UpesiPay that speaks to this sandbox."""
        return AsyncUpesiPay(**{**self.settings("upesipay"), **settings})

    @public
    def async_payhero(self, **settings: Any) -> AsyncPayHero:
        """An async client of PayHero that speaks to this sandbox."""
        return AsyncPayHero(**{**self.settings("payhero"), **settings})

    @property
    def prompts(self) -> int:
        """How many times a phone was prompted."""
        return int(self.counters()["prompts"])

    def counters(self) -> dict[str, Any]:
        """What was counted: ``prompts``, ``prompts_by_phone``, ``push_attempts``, ``oauth_calls``, ``queries`` …"""
        return self._native.counters()

    def until(self, *, timeout: float = 10.0, **at_least: int) -> None:
        """Waits until so much is counted, by the names of :meth:`counters`.

        :param timeout: seconds to wait at most.
        :raises TimeoutError: naming what was counted by then.
        :raises ValueError: where nothing is counted by that name.

        ::

            lipia_sandbox.until(callbacks_acknowledged=1)
        """
        deadline = time.monotonic() + timeout
        while self._still_missing(at_least, deadline):
            time.sleep(_PAUSE)

    async def until_async(self, *, timeout: float = 10.0, **at_least: int) -> None:
        """:meth:`until`, awaited: an app that runs in the test's own event loop goes on meanwhile."""
        from asyncio import sleep

        deadline = time.monotonic() + timeout
        while self._still_missing(at_least, deadline):
            await sleep(_PAUSE)

    def _still_missing(self, at_least: dict[str, int], deadline: float) -> bool:
        counted = {name: count for name, count in self.counters().items() if isinstance(count, int)}
        for name in at_least:
            if name not in counted:
                raise ValueError(f"Nothing is counted as {name!r}. There is: {', '.join(counted)}.")
        missing = [
            f"{name} is {counted[name]} and not {wanted}"
            for name, wanted in at_least.items()
            if counted[name] < wanted
        ]
        if missing and time.monotonic() > deadline:
            raise TimeoutError(f"In the sandbox {', '.join(missing)}.")
        return bool(missing)

    def scenarios(self) -> list[dict[str, Any]]:
        """What customers can do: ``name``, ``phone_ending`` (the last four digits that choose it) and ``about``."""
        scenarios: list[dict[str, Any]] = self._ask("scenarios")
        return scenarios

    def faults(self) -> list[dict[str, Any]]:
        """What can go wrong, for :meth:`inject`: ``name``, ``steps``, ``gateway`` (``None``: at each) and ``about``."""
        kinds: list[dict[str, Any]] = self._ask("faults")["kinds"]
        return kinds

    def _ask(self, path: str) -> Any:
        """What the sandbox tells about itself over HTTP."""
        import json
        from urllib.request import ProxyHandler, build_opener

        # A proxy of the environment's does not reach this machine's own ports.
        opener = build_opener(ProxyHandler({}))
        with opener.open(f"{self.base_url}/_sandbox/{path}", timeout=10) as answer:
            return json.load(answer)

    def payments(self) -> list[dict[str, Any]]:
        """The payments it knows."""
        return self._native.payments()

    def requests(self) -> list[dict[str, Any]]:
        """The requests it received, byte for byte: with the keys and passwords of the sandbox."""
        return self._native.requests()

    def script_phone(self, phone_number: str, scenario: str) -> None:
        """What the customer with this number (``2547…``) does from now on: ``pay``, ``cancel``, ``silent`` …

        :raises ValueError: where there is no such scenario.
        """
        self._native.script_phone(text_of("phone_number", phone_number), scenario)

    @public
    def inject(
        self,
        step: Literal["oauth", "push", "query", "callback"],
        kind: str,
        *,
        gateway: Gateway | str | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        after_acting: bool | None = None,
        status: int | None = None,
    ) -> None:
        """Something that goes wrong at a step: ``answer_lost``, ``system_busy``, ``unavailable_html`` …

        :param times: how often; ``None`` is for ever.
        :param seconds: for kinds that take time, how long in sandbox seconds.
        :param after_acting: whether the gateway does its work although the answer is spoilt.
        :param status: for kinds that answer with a status that can be chosen: which one, from 200 to 599.
        :raises ValueError: where there is no such fault at that step; the text says what there is.
        """
        name = None if gateway is None else Gateway(gateway).value
        self._native.inject(step, kind, name, times, seconds, after_acting, status)

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
