"""What ``manage.py check`` says, and that it says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings
from shop_under_test.testing import ASKED

import lipia
from lipia.django import get_async_client, get_client
from lipia.django.checks import check_lipia
from lipia.django.models import Payment

GOOD: dict[str, Any] = {
    "CONSUMER_KEY": "a-key",
    "CONSUMER_SECRET": "a-secret",
    "SHORT_CODE": 174379,
    "PASS_KEY": "a-pass-key",
    "ENVIRONMENT": "production",
    "CALLBACK_URL": "https://shop.example.co.ke/pay",
}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's environment says is no matter here."""
    import os

    for name in list(os.environ):
        if name.startswith(("MPESA_", "PALPLUSS_", "UPESIPAY_", "PAYHERO_")):
            monkeypatch.delenv(name)


def found(lipia_setting: object, **others: Any) -> list[tuple[str | None, str]]:
    with override_settings(LIPIA=lipia_setting, **others):
        return [(message.id, f"{message.msg} {message.hint}") for message in check_lipia()]


def test_good_settings_have_nothing_said_about_them() -> None:
    assert found(GOOD) == []
    with override_settings(LIPIA=GOOD):
        assert not [message for message in run_checks() if (message.id or "").startswith("lipia.")]


def test_everything_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MPESA_CONSUMER_KEY": "a-key",
        "MPESA_CONSUMER_SECRET": "a-secret",
        "MPESA_SHORTCODE": "174379",
        "MPESA_PASSKEY": "a-pass-key",
        "MPESA_ENVIRONMENT": "production",
        "MPESA_CALLBACK_URL": "https://shop.example.co.ke/pay",
    }.items():
        monkeypatch.setenv(name, value)
    assert found({}) == []


@pytest.mark.parametrize(
    ("setting", "check_id", "said"),
    [
        ("a text", "lipia.E001", "LIPIA is a dictionary, and this is str."),
        (None, "lipia.E001", "dictionary"),
        ({**GOOD, "GATEWAY": "mpesa"}, "lipia.E002", "'daraja', 'palpluss', 'upesipay', 'payhero'"),
        ({**GOOD, "GATEWAY": ["daraja"]}, "lipia.E002", "no such gateway"),
        ({**GOOD, "CALLBACK_URI": "x"}, "lipia.E003", "Did you mean 'CALLBACK_URL'?"),
        ({**GOOD, "callback_secrets": "x"}, "lipia.E003", "Did you mean 'CALLBACK_SECRETS'?"),
        ({5: "x"}, "lipia.E003", "is not known"),
        ({**GOOD, "API_KEY": "x"}, "lipia.E003", "is not known"),
        ({**GOOD, "CONFIRM": "yes"}, "lipia.E004", 'LIPIA["CONFIRM"]'),
        ({**GOOD, "OVERDUE_AFTER_SECONDS": "a day"}, "lipia.E004", "86400"),
        ({**GOOD, "OVERDUE_AFTER_SECONDS": float("nan")}, "lipia.E004", "86400"),
        ({**GOOD, "WAIT": {"patience": 3}}, "lipia.E004", 'LIPIA["WAIT"]'),
        ({**GOOD, "CONSUMER_KEY": None}, "lipia.W004", 'LIPIA["CONSUMER_KEY"] is not set'),
        ({**GOOD, "SHORT_CODE": "none"}, "lipia.E004", 'LIPIA["SHORT_CODE"]'),
        ({**GOOD, "CALLBACK_URL": "pay"}, "lipia.E004", 'LIPIA["CALLBACK_URL"]'),
        ({**GOOD, "TIMEOUT": "soon"}, "lipia.E004", "cannot be made"),
        ({**GOOD, "SOURCE_ADDRESSES": 5}, "lipia.E004", "cannot be made"),
        ({**GOOD, "CALLBACK_SECRETS": ["short"]}, "lipia.E004", "16 bytes"),
        ({**GOOD, "CALLBACK_URL": None}, "lipia.W004", 'Set LIPIA["CALLBACK_URL"]'),
        ({**GOOD, "CALLBACK_TOKEN": False}, "lipia.E006", "forge"),
        (
            {**GOOD, "CALLBACK_URL": "https://shop.example.co.ke/payments"},
            "lipia.E008",
            "sent to /payments/…, and lipia.django.urls is mounted at /pay/…",
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(setting: Any, check_id: str, said: str) -> None:
    (message,) = found(setting)
    assert message[0] == check_id and said in message[1], message


@pytest.mark.parametrize("setting", [{}, {"CALLBACK_URL": "https://shop.example.co.ke/pay"}])
def test_without_keys_a_project_is_checked_tested_and_migrated(
    setting: dict[str, Any], database: Any
) -> None:
    with override_settings(LIPIA=setting, DEBUG=True):
        assert {message.id for message in check_lipia()} == {"lipia.W004"}
        call_command("check", verbosity=0)
        call_command("migrate", verbosity=0)
        with pytest.raises(SystemCheckError, match=r"lipia\.E009"):
            call_command("check", deploy=True, tags=["lipia"], verbosity=0)


def test_a_project_that_mounts_no_view_is_told_what_to_add() -> None:
    (message,) = found(GOOD, ROOT_URLCONF="django.contrib.auth.urls")
    assert message[0] == "lipia.E007"
    assert 'Add path("pay/", include("lipia.django.urls"))' in message[1]


def test_the_sandbox_is_no_place_for_customers() -> None:
    sandboxed = {**GOOD, "ENVIRONMENT": None}
    assert [check_id for check_id, _ in found(sandboxed)] == ["lipia.W001"]
    assert found(sandboxed, DEBUG=True) == []


def test_atomic_requests_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ATOMIC_REQUESTS", True)
    (message,) = found(GOOD)
    assert message[0] == "lipia.W002" and "non_atomic_requests" in message[1]


def test_a_proxy_that_is_not_counted_is_pointed_out() -> None:
    listed = {**GOOD, "SOURCE_ADDRESSES": ["published"]}
    behind = {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}
    assert found(listed) == []
    assert [check_id for check_id, _ in found(listed, **behind)] == ["lipia.W003"]
    assert found({**listed, "TRUSTED_PROXIES": ["10.0.0.0/8"]}, **behind) == []


def test_one_client_is_made_and_made_anew_when_a_test_changes_the_settings() -> None:
    with override_settings(LIPIA=GOOD):
        first = get_client()
        assert isinstance(first, lipia.Daraja) and get_client() is first
        assert isinstance(get_async_client(), lipia.AsyncDaraja)
        palpluss = {
            "GATEWAY": "palpluss",
            "API_KEY": "a-key",
            "CALLBACK_URL": "https://a.co.ke/pay",
        }
        with override_settings(LIPIA=palpluss):
            assert isinstance(get_client(), lipia.PalPluss)
        assert get_client() is not first


def test_a_client_of_settings_that_are_not_understood_is_refused_with_the_reason() -> None:
    with override_settings(LIPIA={"SHORTCODE": 1}), pytest.raises(ImproperlyConfigured) as refused:
        get_client()
    assert "Did you mean 'SHORT_CODE'?" in str(refused.value)


def test_the_migrations_are_those_of_the_models(database: Any) -> None:
    call_command("makemigrations", "lipia", check=True, dry_run=True, skip_checks=True, verbosity=0)


@pytest.mark.parametrize(
    "wrong", [{"ENVIRONMENT": "prod"}, {"CALLBACK_SECRETS": ["short"]}, {"NAME": 1}]
)
def test_no_frame_of_the_app_leaves_with_a_key(wrong: dict[str, Any]) -> None:
    secret = "6fd1c1b7a4e0c2a59e3c8d77aa01b2c3"
    keys = {"CONSUMER_KEY": secret, "CONSUMER_SECRET": secret, "PASS_KEY": secret}
    with override_settings(LIPIA={**GOOD, **keys, **wrong}):
        for call in (get_client, get_async_client, lambda: Payment.objects.request(**ASKED)):
            with pytest.raises((lipia.LipiaError, ImproperlyConfigured)) as raised:
                call()
            frames = raised.value.__traceback__
            while frames is not None:
                frame, frames = frames.tb_frame, frames.tb_next
                if frame.f_code.co_filename.startswith(lipia.__path__[0]):
                    for value in frame.f_locals.values():
                        assert secret not in repr(value) + repr(getattr(value, "__dict__", ""))
