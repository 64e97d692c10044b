"""Several accounts in one project: each pays its own, and a callback finds the account that sealed its URL."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

import pytest
from django.test import override_settings
from shop_under_test.testing import (
    ASKED,
    callback_body,
    callback_path,
    lipia_setting,
    post,
    told,
    wait_until,
)

import lipia
from lipia.django import get_client, settings
from lipia.django.checks import check_lipia
from lipia.django.models import Callback, Payment

#: What an account needs of its own.
OWN = ("CONSUMER_KEY", "CONSUMER_SECRET", "SHORT_CODE", "PASS_KEY", "BASE_URL", "API_KEY")


def with_accounts(sandbox: lipia.Sandbox, callback_url: str) -> dict[str, Any]:
    """``LIPIA`` with a first account, one more at Daraja, and one at PalPluss."""
    first = lipia_setting(sandbox, callback_url)
    palpluss = lipia_setting(sandbox, callback_url, "palpluss")
    nairobi = {name: first[name] for name in OWN if name in first}
    return {
        **first,
        "ACCOUNTS": {
            "nairobi": {**nairobi, "CALLBACK_SECRETS": ["the secret of nairobi"]},
            "mombasa": {
                "GATEWAY": "palpluss",
                **{name: palpluss[name] for name in OWN if name in palpluss},
            },
        },
    }


def requested(account: str, number: int, **more: Any) -> Payment:
    asked = {**ASKED, "phone_number": f"071234567{number}", **more}
    payment: Payment = Payment.objects.request(**asked, account=account)
    return payment


def test_every_account_is_paid_and_hears_its_callbacks(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA=with_accounts(sandbox, shop["CALLBACK_URL"])):
        payments = [
            requested(account, number) for number, account in enumerate(("", "nairobi", "mombasa"))
        ]
        for payment in payments:
            wait_until(lambda one=payment: told(one) == ["succeeded"], "its callback is taken in")
    stored = Payment.objects.order_by("pk").values_list("account", "gateway", "outcome")
    assert list(stored) == [
        ("", "daraja", "success"),
        ("nairobi", "daraja", "success"),
        ("mombasa", "palpluss", "success"),
    ]


def test_an_account_is_asked_about_its_own_payments(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA=with_accounts(sandbox, deaf_shop["CALLBACK_URL"])):
        payment = asyncio.run(_arequested("mombasa"))
        assert payment.account == "mombasa" and payment.gateway == "palpluss"

        def is_settled() -> bool:
            Payment.objects.update(asked_at=None)
            return payment.ask().is_paid

        wait_until(is_settled, "the gateway says that it is paid")


async def _arequested(account: str) -> Payment:
    return await Payment.objects.arequest(**ASKED, account=account)


def test_a_callback_that_no_account_sealed_is_refused(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA=with_accounts(sandbox, deaf_shop["CALLBACK_URL"])):
        payment = requested("nairobi", 1)
        path, body = callback_path(payment), callback_body(payment)
        assert post(path[:-4] + "AAAA", body) == 404
        assert post(path, b"{}") == 400, "its own account reads the body"
        assert post(path, body) == 200
    payment.refresh_from_db()
    assert payment.is_paid


def test_the_keys_of_one_account_seal_nothing_for_another(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA=with_accounts(sandbox, deaf_shop["CALLBACK_URL"])):
        payment = requested("nairobi", 1)
        path, body = callback_path(payment), callback_body(payment)
        # What anybody makes who has the keys of the first account.
        secret = lipia_setting(sandbox, "")["CONSUMER_SECRET"].encode()
        root = hmac.digest(secret, b"lipia callback secret 1", "sha256")
        sealed = f"lipia callback url 1:{payment.payment_id}".encode()
        forged = path.rpartition("-")[0] + "-" + hmac.new(root, sealed, "sha256").hexdigest()
        first = requested("", 2)
        own = f"lipia callback url 1:{first.payment_id}".encode()
        assert callback_path(first).endswith(hmac.new(root, own, "sha256").hexdigest())
        assert post(forged, body) == 404
        payment.refresh_from_db()
        assert not payment.is_paid
        assert post(path, body) == 200
    payment.refresh_from_db()
    assert payment.is_paid


def test_a_check_reaches_the_view_which_keeps_nothing(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA=with_accounts(sandbox, shop["CALLBACK_URL"])):
        for account in ("", "nairobi"):
            checkup = get_client(account).check(reach_callback=True)
            (line,) = (line for line in checkup.lines if line.part == "callback")
            assert "came back in" in line.message, line
    assert not Callback.objects.exists()


def test_a_ledger_of_the_environment_is_not_the_apps(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIPIA_LEDGER", "sqlite:///nowhere/at/all.db")
    with override_settings(LIPIA=lipia_setting(sandbox, deaf_shop["CALLBACK_URL"])):
        assert requested("", 1).payment_id
        (line,) = (line for line in get_client().check().lines if line.part == "ledger")
        assert line.state == "warning" and "memory" in line.message


def test_an_order_has_one_payment_whichever_account_is_paid(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA=with_accounts(sandbox, deaf_shop["CALLBACK_URL"])):
        first = requested("nairobi", 1, order="7")
        assert requested("nairobi", 1, order="7") == first
        with pytest.raises(lipia.LookAtPaymentError) as refused:
            requested("", 1, order="7")
    assert refused.value.code == "order_of_another_account" and refused.value.payment == first  # type: ignore[comparison-overlap]
    assert sandbox.prompts == 1


def test_an_account_that_there_is_not_is_refused(deaf_shop: dict[str, Any]) -> None:
    with pytest.raises(lipia.CorrectInputError) as refused:
        requested("kisumu", 1)
    assert (refused.value.code, refused.value.field) == ("account_unknown", "account")
    assert not Payment.objects.exists()


GOOD: dict[str, Any] = {
    "CONSUMER_KEY": "a-key",
    "CONSUMER_SECRET": "a-secret",
    "SHORT_CODE": 174379,
    "PASS_KEY": "a-pass-key",
}
#: The pass key of Safaricom's own sandbox, which is public.
PUBLIC_PASS_KEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
PROJECT = {"CALLBACK_URL": "https://shop.example.co.ke/pay", "ENVIRONMENT": "production"}


def found(setting: dict[str, Any]) -> list[tuple[str | None, str]]:
    with override_settings(LIPIA=setting):
        return [(message.id, message.msg) for message in check_lipia()]


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    import os

    for name in list(os.environ):
        if name.startswith("MPESA_"):
            monkeypatch.delenv(name)
    return monkeypatch


def test_a_project_of_accounts_alone_is_in_order(no_variables: pytest.MonkeyPatch) -> None:
    assert found({**PROJECT, "ACCOUNTS": {"nairobi": GOOD}}) == []


@pytest.mark.parametrize(
    ("accounts", "check_id", "said"),
    [
        ("nairobi", "lipia.E004", 'LIPIA["ACCOUNTS"] is not understood'),
        ({"nairobi": "a text"}, "lipia.E004", 'LIPIA["ACCOUNTS"] is not understood'),
        ({"": GOOD}, "lipia.E004", 'LIPIA["ACCOUNTS"] is not understood'),
        (
            {"nairobi": {**GOOD, "PASSKEY": "x"}},
            "lipia.E003",
            "LIPIA['ACCOUNTS']['nairobi']['PASSKEY'] is not known",
        ),
        ({"nairobi": {**GOOD, "SHORT_CODE": "x"}}, "lipia.E004", "The account 'nairobi'"),
        ({"nairobi": {}}, "lipia.W004", "The account 'nairobi'"),
        ({"nairobi": {**GOOD, "ACCOUNTS": {}}}, "lipia.E003", "is not known"),
        ({"nairobi": {**GOOD, "LEDGER": "sqlite:///payments.db"}}, "lipia.E003", "is not known"),
    ],
)
def test_what_is_wrong_with_an_account_is_said_of_it(
    no_variables: pytest.MonkeyPatch, accounts: Any, check_id: str, said: str
) -> None:
    messages = found({**PROJECT, "ACCOUNTS": accounts})
    assert any(one == check_id and said in words for one, words in messages), messages


def test_an_account_takes_over_the_cleartext_hosts(no_variables: pytest.MonkeyPatch) -> None:
    public = {"CONSUMER_KEY": "sandbox-key", "CONSUMER_SECRET": "sandbox-secret"}
    public |= {"SHORT_CODE": 174379, "PASS_KEY": PUBLIC_PASS_KEY}
    accounts = {"nairobi": {**GOOD, **public}, "other": {**GOOD, "CONSUMER_KEY": "of-the-shop"}}
    project = {**GOOD, **public, "BASE_URL": "http://sandbox:8600", "ACCOUNTS": accounts}
    for setting, variable in (({"CLEARTEXT_HOSTS": ["sandbox"]}, ""), ({}, "sandbox")):
        no_variables.setenv("LIPIA_CLEARTEXT_HOSTS", variable)
        with override_settings(LIPIA={**project, **setting}):
            get_client("nairobi")
            with pytest.raises(lipia.CorrectSettingsError) as refused:
                get_client("other")
        assert (refused.value.code, refused.value.field) == ("cleartext_keys", "consumer_key")


def test_no_account_takes_over_who_is_paid(no_variables: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MPESA_CONSUMER_KEY": "of-the-first",
        "MPESA_TILL_NUMBER": "600000",
        "MPESA_CALLBACK_URL": PROJECT["CALLBACK_URL"],
    }.items():
        no_variables.setenv(name, value)
    setting = {**GOOD, "PARTY_B": 600001, "TRANSACTION_TYPE": "buy_goods"}
    with override_settings(LIPIA={**setting, "ACCOUNTS": {"nairobi": GOOD, "other": {}}}):
        push = get_client("nairobi").reserve(**ASKED).snapshot().push
        assert push.callback_url.startswith(PROJECT["CALLBACK_URL"])
        nairobi = settings.current().account("nairobi")
        assert not {"party_b", "transaction_type"} & set(nairobi.client)
        assert set(nairobi.variables()) == {"MPESA_CALLBACK_URL"}
        with pytest.raises(lipia.CorrectSettingsError) as refused:
            get_client("other")
    assert refused.value.code == "variable_missing"
