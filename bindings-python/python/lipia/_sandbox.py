"""The sandbox for your own tests: Daraja, PalPluss, UpesiPay and PayHero on a local port, with scripted customers."""

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

#: The callback URL for tests that do not receive callbacks. Nothing listens there, and nothing leaves this machine.
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
    """A server on 127.0.0.1 that plays Daraja, PalPluss, UpesiPay and PayHero. It prompts no phone and moves no money.

    The last four digits of the phone number choose what the customer does (:meth:`scenarios` lists them), and so does
    :meth:`script_phone`. :meth:`inject` makes something go wrong on the way. Callbacks are posted to this machine only: to
    your app, where it listens on a port, or to a :meth:`mailbox`.

    ::

        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            payment = daraja.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            assert payment.is_paid and sandbox.prompts == 1

    :param port: the port. Default: 0, which lets the system choose.
    :param time_scale: sandbox seconds that pass in a second. Default: 100, at which a customer who takes 17 seconds is done
        in under 0.2.
    :raises ValueError: the time scale is not a positive number.
    :raises OSError: the port is taken.
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
        """The sandbox's address. Daraja and UpesiPay are at it, the others below it: :meth:`settings` has each one's."""
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
        """The sandbox's port."""
        return self._native.port

    @property
    def wait(self) -> WaitOptions:
        """The times of waits at the sandbox's speed, for a client that you make: ``Daraja.from_env(wait=sandbox.wait)``."""
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
        """The settings with which a gateway's client speaks to this sandbox, and waits at its speed.

        :param callback_url: the URL of your app on this machine. Default: a port on which nothing listens.

        ::

            daraja = lipia.Daraja(**sandbox.settings("daraja"))
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
        """The settings as environment variables, for ``from_env`` and for other processes. They do not have the times of
        waits: see :attr:`wait`.

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
        """The settings as Django's setting ``LIPIA``: ``settings.LIPIA = lipia_sandbox.django_setting()``."""
        settings = self.settings(gateway, callback_url=callback_url)
        upper = {name.upper(): value for name, value in settings.items()}
        return {"GATEWAY": Gateway(gateway).value, **upper}

    @public
    def mailbox(self, path: str = "/pay") -> Mailbox:
        """A receiver of callbacks, for a test whose app does not listen on a port.

        :param path: the path at which the app takes its callbacks.

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
        """The number of times that a phone was prompted."""
        return int(self.counters()["prompts"])

    def counters(self) -> dict[str, Any]:
        """The counters: ``prompts``, ``prompts_by_phone``, ``push_attempts``, ``oauth_calls``, ``queries`` …"""
        counters: dict[str, Any] = self._native.counters()
        return counters

    def until(self, *, timeout: float = 10.0, **at_least: int) -> None:
        """Waits until counters have reached the given numbers, by the names of :meth:`counters`.

        :param timeout: seconds to wait at most. Default: 10.
        :raises TimeoutError: the time is up; the message says what was counted.
        :raises ValueError: there is no counter of that name.

        ::

            lipia_sandbox.until(callbacks_acknowledged=1)
        """
        deadline = time.monotonic() + timeout
        while self._still_missing(at_least, deadline):
            time.sleep(_PAUSE)

    async def until_async(self, *, timeout: float = 10.0, **at_least: int) -> None:
        """:meth:`until` for asyncio: an app in the test's own event loop goes on meanwhile."""
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
        """The things that customers can do: ``name``, ``phone_ending`` (the last four digits that choose it), ``about``."""
        scenarios: list[dict[str, Any]] = self._ask("scenarios")
        return scenarios

    def faults(self) -> list[dict[str, Any]]:
        """The faults for :meth:`inject`: ``name``, ``steps``, ``gateway`` (``None``: every gateway) and ``about``."""
        kinds: list[dict[str, Any]] = self._ask("faults")["kinds"]
        return kinds

    def _ask(self, path: str) -> Any:
        """A resource that the sandbox has about itself, over HTTP."""
        import json
        from urllib.request import ProxyHandler, build_opener

        # A proxy of the environment's does not reach this machine's own ports.
        opener = build_opener(ProxyHandler({}))
        with opener.open(f"{self.base_url}/_sandbox/{path}", timeout=10) as answer:
            return json.load(answer)

    def payments(self) -> list[dict[str, Any]]:
        """The payments that the sandbox knows."""
        payments: list[dict[str, Any]] = self._native.payments()
        return payments

    def requests(self) -> list[dict[str, Any]]:
        """The requests that the sandbox received, byte for byte, with the sandbox's own keys and passwords."""
        requests: list[dict[str, Any]] = self._native.requests()
        return requests

    def script_phone(self, phone_number: str, scenario: str) -> None:
        """Sets what the customer with this number (``2547…``) does from now on: ``pay``, ``cancel``, ``silent`` …

        :raises ValueError: there is no such scenario.
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
        """Makes something go wrong at a step: ``answer_lost``, ``system_busy``, ``unavailable_html`` …

        :param step: the step at which it goes wrong.
        :param kind: the name of a fault, one of :meth:`faults`.
        :param gateway: the gateway at which it goes wrong. Default: whichever comes first.
        :param times: how many times it goes wrong. Default: once. ``None``: always.
        :param seconds: the length of a fault that takes time, in sandbox seconds.
        :param after_acting: whether the gateway does its work although the answer is spoilt.
        :param status: the HTTP status of a fault that can have any, from 200 to 599.
        :raises ValueError: there is no such fault at that step; the message lists what there is.

        ::

            sandbox.inject("push", "answer_lost")
        """
        name = None if gateway is None else Gateway(gateway).value
        self._native.inject(step, kind, name, times, seconds, after_acting, status)

    def clear_faults(self) -> None:
        """Removes the faults of :meth:`inject` that have not happened yet."""
        self._native.clear_faults()

    def act(self, checkout_request_id: str, ending: str) -> None:
        """Makes the customer of an open prompt act now: ``pay``, ``cancel`` …

        :raises ValueError: there is no such payment, or it has ended.
        """
        self._native.act(text_of("checkout_request_id", checkout_request_id), ending)

    def kill_tokens(self) -> None:
        """Invalidates every OAuth token."""
        self._native.kill_tokens()

    def reset(self) -> None:
        """Forgets payments, counters, scripts and faults."""
        self._native.reset()

    def stop(self) -> None:
        """Stops the sandbox. A second call does nothing."""
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
