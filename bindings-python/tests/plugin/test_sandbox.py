"""The sandbox as a helper of users' tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

import lipia
from lipia import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.mark.parametrize(
    "client",
    [lipia.Daraja, lipia.PalPluss, lipia.UpesiPay, lipia.PayHero],
    ids=lambda client: client.__name__,
)
def test_its_environment_makes_a_client_that_speaks_to_it(
    sandbox: Sandbox, client: type[lipia.Client]
) -> None:
    with sandbox.mailbox() as mailbox:
        variables = sandbox.environ(client.gateway, callback_url=mailbox.url)
        with client.from_env(environ=variables, wait=sandbox.wait) as made:
            payment = made.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
        assert payment.is_paid
        assert mailbox.next().path.startswith("/pay/")


def test_its_setting_for_django_has_what_a_client_is_made_of(sandbox: Sandbox) -> None:
    setting = sandbox.django_setting("upesipay", callback_url="http://127.0.0.1:9/pay/")
    assert setting.pop("GATEWAY") == "upesipay"
    with lipia.UpesiPay(**{name.lower(): value for name, value in setting.items()}) as made:
        assert made.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")


def test_it_has_a_page_with_a_phone(sandbox: Sandbox) -> None:
    assert sandbox.phone_url.startswith(f"{sandbox.base_url}/phone/")
    connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.request("GET", sandbox.phone_url.removeprefix(sandbox.base_url))
    answer = connection.getresponse()
    assert (answer.status, b"<title>A phone" in answer.read()) == (200, True)
    connection.close()


def test_the_numbers_it_lists_do_what_it_lists(sandbox: Sandbox) -> None:
    endings = {scenario["name"]: scenario["phone_ending"] for scenario in sandbox.scenarios()}
    with sandbox.daraja() as daraja:
        payment = daraja.collect(
            phone_number="071234" + endings["cancel"], amount=150, account_reference="INV-001"
        )
    assert payment.outcome is lipia.Outcome.CANCELLED


def test_every_fault_that_it_lists_can_be_injected(sandbox: Sandbox) -> None:
    faults = sandbox.faults()
    assert len(faults) > 20
    for fault in faults:
        for step in fault["steps"]:
            sandbox.inject(step, fault["name"])
    sandbox.clear_faults()


def test_a_list_needs_no_proxy_that_the_environment_names(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert sandbox.scenarios()


def test_waiting_ends_when_enough_is_counted(sandbox: Sandbox) -> None:
    with sandbox.daraja() as daraja:
        daraja.stk_push(phone_number="0712345678", amount=150, account_reference="INV-001")
        # Nobody listens there, so no callback is ever acknowledged.
        sandbox.until(prompts=1, callbacks_failed=1)
        asyncio.run(sandbox.until_async(prompts=1, callbacks_failed=1))
    assert sandbox.counters()["callbacks_failed"] == 1


def test_waiting_in_vain_says_what_was_counted(sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError, match="prompts is 0 and not 1, queries is 0 and not 2"):
        sandbox.until(timeout=0.01, prompts=1, queries=2, push_attempts=0)
    with pytest.raises(TimeoutError, match="prompts is 0 and not 1"):
        asyncio.run(sandbox.until_async(timeout=0.01, prompts=1))


def test_waiting_for_what_nobody_counts_lists_what_is_counted(sandbox: Sandbox) -> None:
    for name in ("payments", "daraja", "prompts_by_phone"):
        with pytest.raises(ValueError, match=f"'{name}'.*callbacks_acknowledged"):
            sandbox.until(**{name: 1})


@pytest.mark.parametrize("time_scale", [0, -1.0, float("nan"), float("inf")])
def test_time_that_does_not_pass_is_refused(time_scale: float) -> None:
    with pytest.raises(ValueError, match="give a positive number"):
        Sandbox(time_scale=time_scale)


def test_a_port_that_is_taken_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="could not start"):
        Sandbox(port=sandbox.port)


def test_callbacks_wait_in_the_mailbox_in_their_order(sandbox: Sandbox) -> None:
    with (
        sandbox.mailbox("shop/pay/") as mailbox,
        sandbox.daraja(callback_url=mailbox.url) as daraja,
    ):
        for phone_number in ("0712341032", "0722345678"):
            daraja.stk_push(phone_number=phone_number, amount=150, account_reference="INV-001")
            sandbox.until(callbacks_acknowledged=1)
            sandbox.reset()
        first, second = mailbox.next(), asyncio.run(mailbox.next_async())
        assert first.path.startswith("/shop/pay/")
        outcomes = [lipia.parse_callback(callback.body).outcome for callback in (first, second)]
        assert outcomes == ["cancelled", "success"]


def test_an_empty_mailbox_says_why_it_may_be_empty(sandbox: Sandbox) -> None:
    with sandbox.mailbox() as mailbox:
        with pytest.raises(TimeoutError, match="made with this callback_url"):
            mailbox.next(timeout=0.01)
        mailbox.close()


def test_a_mailbox_takes_no_endless_letters(sandbox: Sandbox) -> None:
    with sandbox.mailbox() as mailbox:
        port = int(mailbox.url.split(":")[2].split("/")[0])
        for length, status in (("65537", 413), ("-1", 411), ("many", 411)):
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.putrequest("POST", "/pay/x")
            connection.putheader("Content-Length", length)
            connection.endheaders()
            assert connection.getresponse().status == status
            connection.close()
