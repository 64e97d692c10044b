"""The edge of the package: keywords that a call does not have, and what the frames of an error hold."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

import lipia

FOLDER = os.path.dirname(os.path.abspath(lipia.__file__)) + os.sep

#: Where no request can be sent.
NOWHERE = "http://127.0.0.1:9"

#: A long text that stands for every secret, and is a valid one of each kind.
SECRET = "6fd1c1b7a4e0c2a59e3c8d77aa01b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d"

KEYS: dict[str, dict[str, Any]] = {
    "Daraja": {
        "consumer_key": SECRET,
        "consumer_secret": SECRET,
        "short_code": "174379",
        "pass_key": SECRET,
    },
    "PalPluss": {"api_key": SECRET},
    "UpesiPay": {"username": SECRET, "password": SECRET, "channel_id": "1"},
    "PayHero": {
        "username": SECRET,
        "password": SECRET,
        "channel_id": "1",
        "base_url": "https://payhero.example",
    },
}
VARIABLES = {
    "MPESA_CONSUMER_KEY": SECRET,
    "MPESA_CONSUMER_SECRET": SECRET,
    "MPESA_SHORTCODE": "174379",
    "MPESA_PASSKEY": SECRET,
    "PALPLUSS_API_KEY": SECRET,
    "UPESIPAY_USERNAME": SECRET,
    "UPESIPAY_PASSWORD": SECRET,
    "UPESIPAY_CHANNEL_ID": "1",
}
SALE: dict[str, Any] = {
    "phone_number": "0712345678",
    "amount": 150,
    "account_reference": "INV-001",
}


def client_of(name: str, **settings: Any) -> Any:
    given = {"base_url": NOWHERE, "callback_url": f"{NOWHERE}/pay", "timeout": 0.3, **settings}
    return getattr(lipia, name)(**{**KEYS[name.removeprefix("Async")], **given})


CLIENTS = [prefix + name for prefix in ("", "Async") for name in KEYS]


def parts_of(value: object, depth: int = 2) -> Iterator[str]:
    """What an error reporter would send of a local, and what it could reach from there."""
    yield str(value) if isinstance(value, (str, bytes)) else repr(value)
    if depth == 0 or isinstance(value, (type, BaseException)):
        return
    inside: list[object] = []
    if isinstance(value, dict):
        inside = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        inside = list(value)
    elif hasattr(value, "__dict__"):
        inside = list(vars(value).values())
    for part in inside:
        yield from parts_of(part, depth - 1)


def leaking(error: BaseException, secret: str = SECRET) -> list[str]:
    """The locals of this package's frames that hold the secret, over all errors that this one came of."""
    found = []
    linked: BaseException | None = error
    while linked is not None:
        assert secret not in repr(linked) + str(linked) + repr(vars(linked))
        frames = linked.__traceback__
        while frames is not None:
            frame = frames.tb_frame
            if frame.f_code.co_filename.startswith(FOLDER):
                found += [
                    f"{frame.f_code.co_qualname if hasattr(frame.f_code, 'co_qualname') else frame.f_code.co_name}: {name}"
                    for name, value in frame.f_locals.items()
                    if any(secret in part for part in parts_of(value))
                ]
            frames = frames.tb_next
        linked = linked.__cause__ or linked.__context__
    return found


def error_of(call: Callable[[], Any]) -> BaseException:
    try:
        result = call()
        if asyncio.iscoroutine(result):
            asyncio.run(result)
    except BaseException as error:
        return error
    raise AssertionError("the call did not fail")


def failing_constructors() -> Iterator[tuple[str, Callable[[], Any]]]:
    for name in CLIENTS:
        for wrong in (
            {"environment": "prod"},
            {"timeout": "soon"},
            {"callback_secrets": ["short"]},
            {"callback_secrets": [SECRET, 5.5]},
            {"callback_url": f"http://elsewhere.example/{SECRET}"},
            {"wait": SECRET},
            {"callbck_url": SECRET},
            {"guard": SECRET},
            {"max_amount": SECRET},
            {"base_url": f"https://user:{SECRET}@example.com"},
        ):
            what = f"{name}({next(iter(wrong))})"
            yield what, lambda name=name, wrong=wrong: client_of(name, **wrong)
            yield (
                f"{name}.from_env({next(iter(wrong))})",
                lambda name=name, wrong=wrong: getattr(lipia, name).from_env(
                    environ=VARIABLES, **wrong
                ),
            )
        yield (
            f"{name}.from_env(half a character)",
            lambda name=name: getattr(lipia, name).from_env(
                environ={
                    **VARIABLES,
                    "MPESA_PASSKEY": SECRET + "\ud800",
                    "PALPLUSS_API_KEY": SECRET + "\ud800",
                    "UPESIPAY_PASSWORD": SECRET + "\ud800",
                }
            ),
        )
        yield (
            f"{name}.from_env(environ)",
            lambda name=name: getattr(lipia, name).from_env(environ=SECRET),
        )
        key = next(iter(KEYS[name.removeprefix("Async")]))
        yield (
            f"{name}(half a character)",
            lambda name=name, key=key: client_of(name, **{key: SECRET + "\ud800"}),
        )
        yield f"{name}(bytes)", lambda name=name, key=key: client_of(name, **{key: SECRET.encode()})


def failing_calls() -> Iterator[tuple[str, Callable[[], Any]]]:
    sealed = f"{NOWHERE}/pay/{SECRET}"
    for name in CLIENTS:
        client = client_of(name)
        payment = client.reserve(**SALE)
        closed = client.aclose if name.startswith("Async") else client.close
        calls: dict[str, Callable[[], Any]] = {
            "stk_push": lambda c=client: c.stk_push(**SALE),
            "stk_push(callback_url)": lambda c=client: c.stk_push(**SALE, callback_url=sealed),
            "stk_push(typo)": lambda c=client: c.stk_push(**SALE, callbackurl=sealed),
            "reserve": lambda c=client: c.reserve(**{**SALE, "amount": 0}, callback_url=sealed),
            "push": lambda c=client, p=payment: c.push(p),
            "collect": lambda c=client: c.collect(**SALE, callback_url=sealed),
            "collect_payment": lambda c=client: c.collect_payment(c.reserve(**SALE)),
            "stk_query": lambda c=client: c.stk_query(SECRET),
            "wait": lambda c=client: c.wait(c.reserve(**SALE)),
            "watch": lambda c=client: c.watch(c.reserve(**SALE)),
            "resume": lambda c=client: c.resume(SECRET),
            "find": lambda c=client: c.find(SECRET),
            "receive_callback": lambda c=client: c.receive_callback(sealed, SECRET),
            "believe": lambda c=client, p=payment: c.believe(p, SECRET),
            "parse_callback": lambda c=client: c.parse_callback(SECRET),
            "close": lambda c=closed: c(timeout=SECRET),
            "with_options": lambda c=client: c.with_options(wait=SECRET),
        }
        for verb, call in calls.items():
            yield f"{name}.{verb}", call


def failing_functions() -> Iterator[tuple[str, Callable[[], Any]]]:
    now = datetime.now(timezone.utc)
    yield "password(short_code)", lambda: lipia.password("x", SECRET, now)
    yield "password(at)", lambda: lipia.password("174379", SECRET, now.replace(tzinfo=None))
    yield "password(pass_key)", lambda: lipia.password("174379", SECRET + "\ud800", now)
    yield "parse_callback", lambda: lipia.parse_callback(SECRET)
    yield "parse_callback_url", lambda: lipia.parse_callback_url(f"ftp://{SECRET}/")
    yield "Payment.from_json", lambda: lipia.Payment.from_json(SECRET)
    client = client_of("Daraja")
    yield "payments.get", lambda: client.payments.get(SECRET)
    yield "payments.search", lambda: client.payments.search(state=SECRET)


@pytest.mark.parametrize("cases", [failing_constructors, failing_calls, failing_functions])
def test_no_frame_of_this_package_leaves_with_a_secret(
    cases: Callable[[], Iterator[tuple[str, Callable[[], Any]]]],
) -> None:
    failures, failed = [], 0
    for what, call in cases():
        try:
            error = error_of(call)
        except AssertionError:
            continue
        failed += 1
        failures += [f"{what}: {name}" for name in leaking(error)]
    assert failures == [] and failed > 5


def test_no_frame_leaves_with_the_sealed_url_of_a_payment() -> None:
    client = client_of("Daraja")
    payment = client.reserve(**SALE)
    token = payment.snapshot().push.callback_url.rpartition("/")[2]
    for call in (
        lambda: client.resume(payment.to_json()[:-1]),
        lambda: client.receive_callback(f"/pay/{token}", b"no callback"),
        lambda: client.receive_callback(f"/pay/{token[:-4]}0000", b"no callback"),
        lambda: lipia.Payment.from_json(payment.to_json()[:-1]),
        lambda: client.payments.get(token),
    ):
        try:
            call()
        except Exception as error:
            assert leaking(error, token[-40:-4]) == []


def test_frames_of_the_program_stay_where_the_package_calls_it(
    sandbox: lipia.Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def told(payment: lipia.Payment) -> None:
        raise ZeroDivisionError(payment.order)

    with sandbox.daraja() as daraja:
        daraja.on_outcome(told)
        daraja.collect(order="17", **{**SALE, "phone_number": "0712341032"})
        daraja.payments.reconcile()
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.exc_info is not None
    names = []
    frames = record.exc_info[2]
    while frames is not None:
        names.append(frames.tb_frame.f_code.co_name)
        frames = frames.tb_next
    assert names == ["told"]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (
            lambda c: c.stk_push(**SALE, acount_reference="A"),
            "{0}.stk_push() got an unexpected keyword argument 'acount_reference'; did you mean 'account_reference'?",
        ),
        (
            lambda c: c.collect(**SALE, time_out=5),
            "{0}.collect() got an unexpected keyword argument 'time_out'; did you mean 'timeout'?",
        ),
        (
            lambda c: c.receive_callback("/", b"", confrim=True),
            "{0}.receive_callback() got an unexpected keyword argument 'confrim'; did you mean 'confirm'?",
        ),
        (
            lambda c: c.reserve(**SALE, transactionDesc="A"),
            "{0}.reserve() got an unexpected keyword argument 'transactionDesc'; did you mean 'transaction_desc'?",
        ),
        (
            lambda c: c.with_options(timout=5),
            "{0}.with_options() got an unexpected keyword argument 'timout'; did you mean 'timeout'?",
        ),
        (
            lambda c: type(c)(consumer_kye="A"),
            "{0}() got an unexpected keyword argument 'consumer_kye'; did you mean 'consumer_key'?",
        ),
        (
            lambda c: type(c).from_env(callbackurl="A"),
            "{0}.from_env() got an unexpected keyword argument 'callbackurl'; did you mean 'callback_url'?",
        ),
        (
            lambda c: c.find(id="A"),
            "{0}.find() got an unexpected keyword argument 'id'; there are: payment_id",
        ),
        (
            lambda c: c.stk_push(amount=1, account_reference="A"),
            "{0}.stk_push() missing 1 required keyword-only argument: 'phone_number'",
        ),
        (
            lambda c: c.stk_push("0712345678", 1, "A"),
            "{0}.stk_push() takes 1 positional argument but 4 were given",
        ),
    ],
)
@pytest.mark.parametrize("name", ["Daraja", "AsyncDaraja"])
def test_a_keyword_that_a_call_does_not_have_is_refused_by_its_public_name(
    name: str, call: Callable[[Any], Any], wanted: str
) -> None:
    error = error_of(lambda: call(client_of(name)))
    assert type(error) is TypeError and str(error) == wanted.format(name)


def test_functions_say_which_keyword_they_do_not_have() -> None:
    error = error_of(lambda: lipia.parse_amount("1", max_amuont=5))  # type: ignore[call-arg]
    assert str(error) == (
        "parse_amount() got an unexpected keyword argument 'max_amuont'; did you mean 'max_amount'?"
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: lipia.Sandbox(time_scal=1),  # type: ignore[call-arg]
            "Sandbox() got an unexpected keyword argument 'time_scal'; did you mean 'time_scale'?",
        ),
        (
            lambda: lipia.WaitOptions(timout=1),  # type: ignore[call-arg]
            "WaitOptions() got an unexpected keyword argument 'timout'; did you mean 'timeout'?",
        ),
    ],
)
def test_classes_say_which_keyword_they_do_not_have(call: Callable[[], Any], said: str) -> None:
    assert str(error_of(call)) == said
