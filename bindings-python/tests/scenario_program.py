"""Plays a scenario of `core/scenarios` against the sandbox, through the clients that block and through those that
are awaited. What each step means stands in `core/scenarios/README.md`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from callback_shop import Background, Shop, eventually

import lipia

Scenario = dict[str, Any]
Step = dict[str, Any]

REMEDIES: dict[str, type[lipia.LipiaError]] = {
    "correct_input": lipia.CorrectInputError,
    "correct_settings": lipia.CorrectSettingsError,
    "look_at_payment": lipia.LookAtPaymentError,
    "find_out": lipia.FindOutError,
    "try_again": lipia.TryAgainError,
    "hold_back": lipia.HoldBackError,
    "change_request": lipia.ChangeRequestError,
    "disbelieve": lipia.DisbelieveError,
}


class Blocking:
    """The clients for code that blocks."""

    prefix = ""

    def call(self, verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return verb(*arguments, **keywords)

    def told(self, watch: Any) -> list[lipia.Progress]:
        return list(watch)

    def close(self, client: Any) -> bool:
        closed: bool = client.drain()
        return closed

    def stop(self) -> None:
        return


class Awaited:
    """The clients for asyncio, on a loop that runs in a thread of its own."""

    prefix = "async_"

    def __init__(self) -> None:
        self._background = Background()

    def call(self, verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        result = verb(*arguments, **keywords)
        return self._background.run(result) if hasattr(result, "__await__") else result

    def told(self, watch: Any) -> list[lipia.Progress]:
        async def all_of_it() -> list[lipia.Progress]:
            return [progress async for progress in watch]

        told: list[lipia.Progress] = self._background.run(all_of_it())
        return told

    def close(self, client: Any) -> bool:
        closed: bool = self._background.run(client.drain())
        return closed

    def stop(self) -> None:
        self._background.stop()


class Play:
    """One scenario that is being played."""

    def __init__(
        self, scenario: Scenario, style: Blocking | Awaited, sandbox: lipia.Sandbox, shop: Shop
    ) -> None:
        self.scenario = scenario
        self.style = style
        self.sandbox = sandbox
        self.shop = shop
        self.clients: dict[str, Any] = {}
        self.at = "first"
        self.payment: lipia.PaymentHandle | None = None
        self.event: lipia.Event | None = None
        self.prompt: str | None = None
        if scenario.get("callbacks"):
            shop.receive = lambda path, body: style.call(
                self.client("first").receive_callback,
                path,
                body,
                confirm=scenario.get("confirm", False),
            )

    def client(self, name: str) -> Any:
        if name not in self.clients:
            settings = dict(self.scenario.get("settings", {}))
            if self.scenario.get("callbacks"):
                settings["callback_url"] = self.shop.callback_url
            gateway = self.scenario.get("gateway", "daraja")
            usual = self.sandbox.settings(gateway)["wait"].to_dict()
            settings["wait"] = lipia.WaitOptions(**{**usual, **self.scenario.get("wait", {})})
            make = getattr(self.sandbox, self.style.prefix + gateway)
            self.clients[name] = make(**settings)
        return self.clients[name]

    def inject(self, fault: dict[str, Any]) -> None:
        times = fault.get("times", 1)
        self.sandbox.inject(
            fault["step"],
            fault["kind"],
            times=None if times == "forever" else times,
            seconds=fault.get("seconds"),
            after_acting=fault.get("after_acting"),
            status=fault.get("status"),
        )

    def play(self) -> None:
        for fault in self.scenario.get("faults", []):
            self.inject(fault)
        for number, step in enumerate(self.scenario["steps"], 1):
            for _ in range(step.get("times", 1)):
                found = self.step(step)
                differing = differences(step.get("expect", {}), found)
                assert not differing, f"step {number}, {step['do']}: {'; '.join(differing)}"
        for client in self.clients.values():
            assert self.style.close(client), "something of it still goes on"
        counters = self.sandbox.counters()
        differing = differences(self.scenario["counters"], counters)
        assert not differing, f"in the end: {'; '.join(differing)}"
        sold = self.scenario.get("sold")
        if sold:
            differing = differences(sold, self.sandbox.payments()[-1])
            assert not differing, f"what was asked for: {'; '.join(differing)}"

    def step(self, step: Step) -> dict[str, Any]:
        """Does a step; what came of it, by the names that a step expects."""
        try:
            return getattr(self, "do_" + step["do"])(step) or {}
        except lipia.LipiaError as error:
            return {"error": said_of_error(error)}

    def the_payment(self) -> lipia.PaymentHandle:
        assert self.payment is not None, "no payment was reserved yet"
        return self.payment

    def the_prompt(self) -> str:
        known = self.the_payment().snapshot().checkout_request_id if self.payment else self.prompt
        return known or self.sandbox.payments()[-1]["checkout_request_id"]

    def filled_in(self, text: str) -> str:
        if "{checkout_request_id}" in text:
            text = text.replace("{checkout_request_id}", self.the_prompt())
        return text.replace("{payment_id}", self.payment.id if self.payment else "")

    # The steps, by their names.

    def do_stk_push(self, step: Step) -> dict[str, Any]:
        acceptance = self.style.call(self.client(self.at).stk_push, **step["push"])
        self.prompt = acceptance.id
        return accepted(acceptance)

    def do_reserve(self, step: Step) -> None:
        self.payment = self.client(self.at).reserve(**step["push"])

    def do_push(self, step: Step) -> dict[str, Any]:
        return accepted(self.style.call(self.client(self.at).push, self.the_payment()))

    def do_collect(self, step: Step) -> dict[str, Any]:
        collect = self.client(self.at).collect
        payment = self.style.call(collect, **step["push"], timeout=step.get("timeout"))
        return {"payment": said_of_payment(payment)}

    def do_collect_payment(self, step: Step) -> dict[str, Any]:
        collect = self.client(self.at).collect_payment
        payment = self.style.call(collect, self.the_payment(), timeout=step.get("timeout"))
        return {"payment": said_of_payment(payment)}

    def do_wait(self, step: Step) -> dict[str, Any]:
        wait = self.client(self.at).wait
        payment = self.style.call(wait, self.the_payment(), timeout=step.get("timeout"))
        return {"payment": said_of_payment(payment)}

    def do_wait_by_id(self, step: Step) -> dict[str, Any]:
        wait = self.client(self.at).wait
        status = self.style.call(wait, self.the_prompt(), timeout=step.get("timeout"))
        return {"status": said_of_status(status)}

    def do_watch(self, step: Step) -> dict[str, Any]:
        watch = self.client(self.at).watch(self.the_payment(), timeout=step.get("timeout"))
        told: list[str] = []
        for progress in self.style.told(watch):
            word = said_of_progress(progress)
            if told[-1:] != [word]:
                told.append(word)
        return {"told": told}

    def do_query(self, step: Step) -> dict[str, Any]:
        prompt = step.get("checkout_request_id") or self.the_prompt()
        return {"status": said_of_status(self.style.call(self.client(self.at).stk_query, prompt))}

    def do_look(self, step: Step) -> dict[str, Any]:
        return {"payment": said_of_payment(self.the_payment().snapshot())}

    def do_claim(self, step: Step) -> dict[str, Any]:
        kept = self.client(self.at).unclaimed()
        assert len(kept) == 1, f"{len(kept)} payments were unclaimed"
        self.payment = kept[0]
        return {"payment": said_of_payment(kept[0].snapshot())}

    def do_resume(self, step: Step) -> None:
        saved = json.loads(self.the_payment().to_json())
        saved.update(step.get("edit", {}))
        self.at = step["to"]
        self.payment = self.client(self.at).resume(json.dumps(saved))

    def do_hear(self, step: Step) -> dict[str, Any]:
        wanted = len(step["expect"]["verdicts"])
        eventually(f"{wanted} callbacks are heard", lambda: len(self.shop.heard) >= wanted)
        return {"verdicts": self.shop.verdicts()}

    def do_deliver(self, step: Step) -> dict[str, Any]:
        url = step.get("path") or self.the_payment().snapshot().push.callback_url
        received = self.style.call(
            self.client(step.get("to", self.at)).receive_callback,
            self.filled_in(url),
            self.filled_in(step["body"]).encode(),
            confirm=self.scenario.get("confirm", False),
        )
        assert received.payment_id == self.the_payment().id
        self.event = received.event
        return {"verdict": word_or_none(received.verdict)}

    def do_believe(self, step: Step) -> dict[str, Any]:
        assert self.event is not None
        believe = self.client(self.at).believe
        return {"verdict": self.style.call(believe, self.the_payment(), self.event).value}

    def do_act(self, step: Step) -> None:
        self.sandbox.act(self.the_prompt(), step["ending"])

    def do_script(self, step: Step) -> None:
        self.sandbox.script_phone(step["phone_number"], step["scenario"])

    def do_clear_faults(self, step: Step) -> None:
        self.sandbox.clear_faults()

    def do_kill_tokens(self, step: Step) -> None:
        self.sandbox.kill_tokens()


def word_or_none(word: Any) -> str | None:
    return None if word is None else str(word.value)


def accepted(acceptance: lipia.Acceptance) -> dict[str, Any]:
    assert acceptance.id
    return {"accepted": True}


def said_of_error(error: lipia.LipiaError) -> dict[str, Any]:
    remedy = next(word for word, remedy in REMEDIES.items() if type(error) is remedy)
    assert error.message and error.code and "\n" not in str(error)
    return {**error.to_dict(), "remedy": remedy}


def said_of_payment(payment: lipia.Payment) -> dict[str, Any]:
    return {
        "state": payment.state.value,
        "outcome": payment.outcome.value,
        "result_code": payment.result_code,
        "is_paid": payment.is_paid,
        "receipt": payment.receipt is not None,
        "paid_amount": None if payment.paid_amount is None else str(payment.paid_amount),
        "flags": [flag.reason for flag in payment.flags],
    }


def said_of_status(status: lipia.Status) -> dict[str, Any]:
    return {
        "outcome": status.outcome.value,
        "is_final": status.is_final,
        "result_code": status.result_code,
    }


def said_of_progress(progress: lipia.Progress) -> str:
    if isinstance(progress, lipia.Queried):
        return f"asked: {progress.status.outcome}"
    if isinstance(progress, lipia.QueryFailed):
        return f"not told: {progress.error.kind}"
    if isinstance(progress, lipia.Settled):
        return f"settled: {progress.payment.outcome}"
    if isinstance(progress, lipia.TimedOut):
        return f"open: {progress.payment.outcome}"
    return "news"


def differences(expected: Any, found: Any) -> list[str]:
    """Where `found` differs from what is expected of it; what nothing is expected of is left alone."""
    differing = []
    for name, value in expected.items():
        there = found.get(name)
        if isinstance(value, dict) and isinstance(there, dict):
            differing += [f"{name}.{difference}" for difference in differences(value, there)]
        elif there != value or name not in found:
            differing.append(f"{name} is {there!r}, expected {value!r} ({found})")
    return differing


def play(scenario: Scenario, style: Blocking | Awaited) -> None:
    """Plays a scenario, and fails where anything comes otherwise than it says."""
    try:
        with lipia.Sandbox(**scenario.get("sandbox", {})) as sandbox, Shop() as shop:
            Play(scenario, style, sandbox, shop).play()
    finally:
        style.stop()
