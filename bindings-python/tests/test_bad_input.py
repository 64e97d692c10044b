"""Any value into any argument: an error of Lipia's that names the argument, and never anything else."""

from __future__ import annotations

import datetime
import inspect
import ipaddress
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from real_values import sale
from repository import REPOSITORY

import lipia


class Odd:
    """A value that not even has a text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__
    __format__ = __str__  # type: ignore[assignment]


#: What has gone wrong in programs before, and what nobody would think of.
ODDITIES: list[Any] = [
    "", " ", "x", "\x00", "\ud800", "é", "0" * 1_000_000, "0712345678", "1e400", "null", "{}", "[" * 10_000,
    b"", b"\xff", bytearray(b"x"), memoryview(b"x"), 0, 1, -1, 2**31, 2**32, 2**63, 2**64, 10**30, 10**5000,
    -(10**5000), True, False, None, 0.0, 1.5, -1.0, float("nan"), float("inf"), 1e300, 71234567.8, [], [1], ["x"],
    [None], {}, {"a": 1}, (), {"x"}, object(), Odd(), int, len, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"),
    Decimal("1E+999999999"), Decimal("1E-999999999"), datetime.datetime.min, datetime.datetime.max,
    ipaddress.ip_address("127.0.0.1"), lipia.WaitOptions(), lipia.Gateway.DARAJA, lipia.describe("0"),
]  # fmt: skip

Call = Callable[[Any], Any]

BODY = (
    REPOSITORY / "core/vectors/callbacks/d002_success_balance_item_without_value.json"
).read_bytes()

#: A client that never speaks to anybody.
NOWHERE: dict[str, Any] = {
    "base_url": "http://127.0.0.1:9",
    "callback_url": "http://127.0.0.1:9/pay",
}
DARAJA: dict[str, Any] = {
    "consumer_key": "key",
    "consumer_secret": "secret",
    "short_code": 174379,
    "pass_key": "pass",
    **NOWHERE,
}
KEYS: list[tuple[type[lipia.Client], dict[str, Any]]] = [
    (lipia.Daraja, DARAJA),
    (lipia.PalPluss, {"api_key": "key", **NOWHERE}),
    (lipia.UpesiPay, {"auth_token": "token", "channel_id": 1, **NOWHERE}),
    (lipia.PayHero, {"auth_token": "token", "channel_id": 1, **NOWHERE}),
]


def with_argument(call: Callable[..., Any], name: str, **others: Any) -> Call:
    return lambda value: call(**{**others, name: value})


def with_variable(name: str, **others: Any) -> Call:
    return lambda value: lipia.Daraja.from_env(environ={name: value}, **others)


def waiting(client: lipia.Client, waits: Call) -> Call:
    return lambda value: client.with_options(wait=waits(value))


def calls() -> Iterator[tuple[str, Call]]:
    """Every argument of every public call, by its name."""
    now = datetime.datetime.now(datetime.timezone.utc)
    for name in lipia.__all__:
        if name.startswith("parse_"):
            yield name, getattr(lipia, name)
    yield "describe", lipia.describe
    yield "parse_amount max_amount", lambda value: lipia.parse_amount(5, max_amount=value)
    yield "parse_amount round_amount", lambda value: lipia.parse_amount(5, round_amount=value)
    yield "parse_money json_number", lambda value: lipia.parse_money("5", json_number=value)
    for parse in (lipia.parse_account_reference, lipia.parse_transaction_desc):
        yield f"{parse.__name__} limit", with_argument(parse, "limit", text="5")
        yield f"{parse.__name__} fit", with_argument(parse, "fit", text="5")
    yield (
        "environment",
        with_argument(lipia.parse_callback_url, "environment", text="https://shop.example/pay"),
    )
    yield "gateway", lambda value: lipia.parse_callback(BODY, gateway=value)
    yield "password at", lambda value: lipia.password("174379", "pass", value)
    yield "password short_code", lambda value: lipia.password(value, "pass", now)
    yield "password pass_key", lambda value: lipia.password("174379", value, now)
    yield "Payment.from_json", lipia.Payment.from_json
    event = lipia.Daraja.parse_callback(BODY)
    yield "value", event.value
    for name in ("amount", "phone_number", "checkout_request_id", "merchant_request_id"):
        yield f"check {name}", with_argument(event.check, name)
    yield from calls_of_clients(event)


def calls_of_clients(event: lipia.Event) -> Iterator[tuple[str, Call]]:
    daraja = lipia.Daraja(**DARAJA)
    payment = daraja.reserve(**sale())
    url = payment.snapshot().push.callback_url
    push = set(inspect.signature(lipia.Client.reserve).parameters) - {"self"}
    for client, keys in KEYS:
        made = client(**keys)
        for name in sorted(push):
            yield f"{client.__name__} {name}", with_argument(made.reserve, name, **sale())
        for name in inspect.signature(client).parameters:
            yield f"{client.__name__} setting {name}", with_argument(client, name, **keys)
        yield f"{client.__name__} environ", with_argument(client.from_env, "environ")
        yield f"{client.__name__} parse_callback", client.parse_callback
    for variable in (
        "MPESA_CONSUMER_KEY",
        "MPESA_SHORTCODE",
        "MPESA_ENVIRONMENT",
        "MPESA_BASE_URL",
    ):
        yield variable, with_variable(variable)
        yield f"{variable} beside", with_variable(variable, **DARAJA)
    yield "resume", daraja.resume
    yield "find", daraja.find
    yield "push", unless(lipia.PaymentHandle, daraja.push)
    yield "collect_payment", unless(lipia.PaymentHandle, daraja.collect_payment)
    yield "wait", unless((str, int), daraja.wait)
    yield "watch", daraja.watch
    yield "watch timeout", lambda value: daraja.watch(payment, timeout=value)
    yield "wait timeout", lambda value: daraja.wait(payment, timeout=value)
    yield "notify", payment.notify
    yield "believe payment", lambda value: daraja.believe(value, event)
    yield "believe event", lambda value: daraja.believe(payment, value)
    yield (
        "believe confirm",
        unless(bool, lambda value: daraja.believe(payment, event, confirm=value)),
    )
    yield "path", lambda value: daraja.receive_callback(value, BODY)
    yield "body", lambda value: daraja.receive_callback(url, value)
    yield "confirm", unless(bool, lambda value: daraja.receive_callback(url, BODY, confirm=value))
    for name in ("peer", "forwarded_for"):
        yield name, with_argument(daraja.receive_callback, name, path=url, body=b"{}")
    yield "with_options timeout", lambda value: daraja.with_options(timeout=value)
    yield "with_options wait", lambda value: daraja.with_options(wait=value)
    for name in ("timeout", "first_query_after", "query_every", "longest_pause"):
        waits = with_argument(lipia.WaitOptions, name)
        yield f"WaitOptions {name}", waiting(daraja, waits)
    yield "close", lambda value: daraja.close(timeout=value)


def unless(fitting: Any, call: Call) -> Call:
    """A call that does something where the value fits, and that is left alone then."""
    return lambda value: None if isinstance(value, fitting) else call(value)


CALLS = dict(calls())


def refusal_of(call: Call, value: Any) -> lipia.LipiaError | None:
    """The error of Lipia's that a call ends with. Any other exception fails the test."""
    try:
        call(value)
    except lipia.LipiaError as error:
        return error
    return None


@pytest.mark.parametrize("name", CALLS)
def test_an_odd_value_is_taken_or_refused_and_nothing_else(name: str) -> None:
    for value in ODDITIES:
        error = refusal_of(CALLS[name], value)
        if error is not None:
            assert len(str(error)) < 1_000 and str(error).isprintable(), name
            assert error.hint, f"{name}: {error} does not say what to do"
            assert "\ud800" not in str(error)
            if error.code == "type_not_accepted":
                assert error.field and error.message.startswith(f"{error.field} is given as ")


JSON = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(),
    lambda inside: strategies.lists(inside) | strategies.dictionaries(strategies.text(), inside),
    max_leaves=5,
)
SURROGATES = strategies.text(strategies.characters(min_codepoint=0xD7F0, max_codepoint=0xE010))
ANYTHING = JSON | SURROGATES | strategies.binary() | strategies.decimals() | strategies.datetimes()
THOROUGHLY = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@THOROUGHLY
@given(value=ANYTHING)
def test_any_value_is_taken_or_refused_by_every_call(value: Any) -> None:
    for name, call in CALLS.items():
        # Of these only odd values above: what fits would do something.
        if not name.startswith(("close", "wait timeout")):
            refusal_of(call, value)


@settings(THOROUGHLY, max_examples=300)
@given(text=strategies.text())
def test_any_text_is_a_phone_number_or_is_refused_by_its_name(text: str) -> None:
    try:
        number = lipia.parse_phone_number(text).number
    except lipia.CorrectInputError as error:
        assert error.field == "phone_number"
    else:
        assert len(number) == 12 and number.startswith(("2547", "2541")) and number.isascii()


@settings(THOROUGHLY, max_examples=300)
@given(amount=strategies.decimals() | strategies.integers() | strategies.text())
def test_any_amount_is_exact_or_refused_by_its_name(amount: Any) -> None:
    try:
        shillings = lipia.parse_amount(amount)
    except lipia.CorrectInputError as error:
        assert error.field == "amount"
    else:
        assert 1 <= shillings <= 250_000 and Decimal(amount) == shillings


@settings(THOROUGHLY, max_examples=300)
@given(body=JSON, cut=strategies.integers(min_value=0, max_value=400))
def test_any_json_and_any_part_of_a_callback_is_read_or_disbelieved(body: Any, cut: int) -> None:
    for raw in (
        json.dumps(body).encode(),
        BODY[:cut],
        BODY[:cut] + json.dumps(body).encode() + BODY[cut:],
    ):
        for gateway in (None, *lipia.Gateway):
            try:
                event = lipia.parse_callback(raw, gateway=gateway)
            except lipia.DisbelieveError as error:
                assert error.kind is lipia.ErrorKind.INVALID_CALLBACK
            else:
                assert event.raw == raw


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b"{" * 60_000,
        b'{"Body":{"stkCallback":{"ResultCode":' + b"9" * 60_000 + b"}}}",
        b'{"Body":"' + b"\\u0000" * 10_000 + b'"}',
        b"\x00" * 60_000,
        b"x" * 50_000_000,
    ],
)
def test_a_body_of_any_size_and_depth_is_disbelieved(body: bytes) -> None:
    for gateway in (None, *lipia.Gateway):
        with pytest.raises(lipia.DisbelieveError):
            lipia.parse_callback(body, gateway=gateway)


@pytest.mark.parametrize(
    "value", [True, 712345678.0, None, [], {}, b"0712345678", Decimal("712345678"), 71234567.8]
)
def test_what_is_no_text_and_no_whole_number_is_no_phone_number(value: Any) -> None:
    with pytest.raises(lipia.CorrectInputError) as refused:
        lipia.parse_phone_number(value)
    assert (refused.value.field, refused.value.code) == ("phone_number", "type_not_accepted")
    assert f"given as {type(value).__name__}" in str(refused.value)


@pytest.mark.parametrize("value", [True, 150.0, 0.1 + 0.2, None, b"150", [150]])
def test_what_is_no_int_no_decimal_and_no_text_is_no_amount(value: Any) -> None:
    with pytest.raises(lipia.CorrectInputError) as refused:
        lipia.parse_amount(value)
    assert (refused.value.field, refused.value.code) == ("amount", "type_not_accepted")
    if isinstance(value, float):
        assert refused.value.hint and "Decimal" in refused.value.hint


def test_none_and_false_are_no_references_and_words_for_yes_and_no_are_neither() -> None:
    daraja = lipia.Daraja(**DARAJA)
    for wrong in (
        {"account_reference": None},
        {"transaction_desc": False},
        {"round_amount": "false"},
        {"fit": "cut"},
    ):
        with pytest.raises(lipia.CorrectInputError) as refused:
            daraja.reserve(**{**sale(), **wrong})
        assert refused.value.field == next(iter(wrong))


def test_what_a_text_holds_is_meant_and_not_how_it_shows_itself() -> None:
    class Marked(str):
        def __str__(self) -> str:
            return f"<b>{super().__str__()}</b>"

    assert lipia.parse_phone_number(Marked("0712345678")).number == "254712345678"
    assert lipia.parse_callback(BODY, gateway=lipia.Gateway.DARAJA).gateway == "daraja"


WRONG_SETTINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"consumer_key": ""}, "consumer_key", "consumer_key_empty"),
    ({"short_code": "12"}, "short_code", "short_code_unreadable"),
    ({"pass_key": " "}, "pass_key", "pass_key_empty"),
    ({"environment": "prod"}, "environment", "environment_unknown"),
    ({"base_url": "http://api.example.com"}, "base_url", "base_url_not_https"),
    ({"base_url": "http://sandbox:8600"}, "base_url", "base_url_not_https"),
    ({"cleartext_hosts": ["http://sandbox"]}, "cleartext_hosts", "cleartext_host_unreadable"),
    ({"cleartext_hosts": "sandbox:8600"}, "cleartext_hosts", "cleartext_host_unreadable"),
    ({"cleartext_hosts": 1}, "cleartext_hosts", "type_not_accepted"),
    (
        {"base_url": "http://sandbox:8600", "cleartext_hosts": ["sandbox"]},
        "consumer_key",
        "cleartext_keys",
    ),
    (
        {
            "base_url": "http://sandbox:8600",
            "cleartext_hosts": "sandbox",
            "environment": "production",
        },
        "environment",
        "cleartext_in_production",
    ),
    ({"callback_url": "shop.example/pay"}, "callback_url", "callback_url_unreadable"),
    ({"callback_secrets": "short"}, "callback_secrets", "callback_secret_too_short"),
    (
        {"callback_secrets": b"a-secret-that-is-long-enough"},
        "callback_secrets",
        "type_not_accepted",
    ),
    (
        {"callback_secrets": [b"a-secret-that-is-long-enough"]},
        "callback_secrets",
        "type_not_accepted",
    ),
    ({"source_addresses": ["nowhere"]}, "source_addresses", "source_address_unreadable"),
    ({"trusted_proxies": ["10.0.0.0/8"]}, "trusted_proxies", "source_addresses_missing"),
    (
        {"source_addresses": ["published"], "trusted_proxies": ["1"]},
        "trusted_proxies",
        "trusted_proxy_unreadable",
    ),
    ({"trusted_proxies": 1}, "trusted_proxies", "type_not_accepted"),
    ({"timeout": 0}, "timeout", "timeout_zero"),
    ({"timeout": -1}, "timeout", "seconds_unreadable"),
    ({"timeout": "30"}, "timeout", "type_not_accepted"),
    ({"wait": 60}, "wait", "type_not_accepted"),
    ({"wait": lipia.WaitOptions(timeout=-1)}, "timeout", "seconds_unreadable"),
    ({"max_amount": -5}, "max_amount", "number_out_of_range"),
    (
        {"max_reference_characters": 15},
        "max_reference_characters",
        "max_reference_characters_out_of_range",
    ),
    ({"pass_key": '"pass"'}, "pass_key", "pass_key_in_quotes"),
    (
        {"pass_key": "MTc0Mzc5a2V5MjAyNjExMjEwOTMwMDA="},
        "pass_key",
        "pass_key_is_password",
    ),
    ({"guard": "no"}, "guard", "type_not_accepted"),
    ({"callback_token": 0}, "callback_token", "type_not_accepted"),
    ({"tls_roots": "system"}, "tls_roots", "tls_roots_unknown"),
    ({"ca_bundle": "/no/such/file.pem"}, "ca_bundle", "ca_bundle_unreadable"),
    ({"transaction_type": "gift"}, "transaction_type", "transaction_type_unknown"),
    ({"party_b": "x"}, "party_b", "short_code_unreadable"),
]


@pytest.mark.parametrize(("wrong", "field", "code"), WRONG_SETTINGS)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], field: str, code: str) -> None:
    for daraja in (lipia.Daraja, lipia.AsyncDaraja):
        with pytest.raises((lipia.CorrectSettingsError, lipia.CorrectInputError)) as refused:
            daraja(**{**DARAJA, **wrong})
        assert (refused.value.field, refused.value.code) == (field, code)
        assert refused.value.disposition is lipia.Disposition.NOT_SENT
        assert refused.value.hint


VARIABLES = {
    lipia.Daraja: {
        "MPESA_CONSUMER_KEY": "key",
        "MPESA_CONSUMER_SECRET": "secret",
        "MPESA_SHORTCODE": "174379",
        "MPESA_PASSKEY": "pass",
    },
    lipia.PalPluss: {"PALPLUSS_API_KEY": "key"},
}


@pytest.mark.parametrize("client", VARIABLES)
def test_a_variable_that_is_missing_or_wrong_is_named(client: Any) -> None:
    variables = VARIABLES[client]
    assert client.from_env(environ=variables)
    for missing in variables:
        for rest in (
            {name: value for name, value in variables.items() if name != missing},
            {**variables, missing: ""},
        ):
            with pytest.raises(lipia.CorrectSettingsError) as refused:
                client.from_env(environ=rest)
            assert refused.value.field == missing and missing in str(refused.value)
        with pytest.raises(lipia.CorrectInputError) as half:
            client.from_env(environ={**variables, missing: "\udcff"})
        assert half.value.field == missing


def test_a_till_is_set_up_by_the_environment_and_near_names_are_noticed() -> None:
    variables = VARIABLES[lipia.Daraja]
    with lipia.Sandbox() as sandbox:
        environ = {**sandbox.environ(), "MPESA_TILL_NUMBER": "6500001"}
        with lipia.Daraja.from_env(environ=environ) as daraja:
            daraja.stk_push(phone_number="0712345678", amount=1, account_reference="TILL")
        push = next(seen for seen in sandbox.requests() if "stkpush" in seen["path"])
        body = json.loads(push["body"])
    assert (body["TransactionType"], body["PartyB"]) == ("CustomerBuyGoodsOnline", "6500001")
    for name in ("MPESA_ENV", "DARAJA_ENVIRONMENT", "mpesa_environment"):
        with pytest.raises(lipia.CorrectSettingsError, match=name) as refused:
            lipia.Daraja.from_env(environ={**variables, name: "production"})
        assert refused.value.code == "variable_misnamed"
        assert refused.value.field == "MPESA_ENVIRONMENT"
        assert lipia.Daraja.from_env(environ={**variables, name: "x"}, environment="sandbox")
    with pytest.raises(lipia.CorrectSettingsError) as refused:
        lipia.Daraja.from_env(environ={"DARAJA_CONSUMER_KEY": "key"})
    assert refused.value.hint and "DARAJA_CONSUMER_KEY is set" in refused.value.hint


def test_upesipay_names_the_variable_that_is_missing() -> None:
    with pytest.raises(lipia.CorrectSettingsError) as refused:
        lipia.UpesiPay.from_env(environ={})
    assert refused.value.field == "UPESIPAY_AUTH_TOKEN"


def test_the_real_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES[lipia.Daraja].items():
        monkeypatch.setenv(name, value)
    assert lipia.Daraja.from_env()
    monkeypatch.delenv("MPESA_PASSKEY")
    with pytest.raises(lipia.CorrectSettingsError, match="MPESA_PASSKEY"):
        lipia.Daraja.from_env()
    assert lipia.Daraja.from_env(pass_key="pass"), "a setting goes before the variable"


@pytest.mark.parametrize(
    "keyword", ["foo", "variables", "gateway", "timeout_seconds", "self", "cls"]
)
def test_a_keyword_that_no_constructor_has_is_a_type_error_as_anywhere_in_python(
    keyword: str,
) -> None:
    for make in (lipia.Daraja.from_env, lipia.Daraja):
        with pytest.raises(TypeError, match=keyword):
            make(**{**DARAJA, keyword: "x"})


def test_a_keyword_of_another_gateway_is_said_to_be_that() -> None:
    with pytest.raises(lipia.CorrectSettingsError) as refused:
        lipia.Daraja.from_env(environ={}, api_key="key")
    assert refused.value.field == "api_key" and "PalPluss" in str(refused.value).replace(
        "palpluss", "PalPluss"
    )
