"""Runs every case under `core/vectors` through the public API: the same cases that every other language runs.

A failing run names all failing cases at once, so that a change of policy shows its whole extent.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from repository import REPOSITORY

import lipia

VECTORS = REPOSITORY / "core" / "vectors"

Case = dict[str, Any]


def read(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def checked(parse: Callable[[], lipia.CheckedText]) -> Case:
    try:
        text = parse()
    except lipia.CorrectInputError as error:
        return {"value": None, "error": error.code, "warnings": []}
    return {
        "value": text.value,
        "error": None,
        "warnings": [remark.code for remark in text.remarks],
    }


def phone(case: Case) -> Case:
    try:
        number = lipia.parse_phone_number(case["input"])
    except lipia.CorrectInputError as error:
        assert (error.field, error.disposition) == ("phone_number", "not_sent")
        return {"normalised": None}
    assert str(number) == number.number
    return {"normalised": number.number}


def amount(case: Case) -> Case:
    try:
        parsed = lipia.parse_amount(
            case["input"],
            max_amount=case.get("max"),
            round_amount=case.get("round", False),
        )
    except lipia.CorrectInputError as error:
        return {"amount": None, "error": error.code}
    return {"amount": parsed, "error": None}


def money(case: Case) -> Case:
    try:
        parsed = lipia.parse_money(case["input"], json_number=case["kind"] == "number")
    except lipia.CorrectInputError as error:
        return {"amount": None, "cents": None, "error": error.code}
    return {"amount": str(parsed), "cents": int(parsed * 100), "error": None}


def reference(case: Case) -> Case:
    parse = {
        "account_reference": lipia.parse_account_reference,
        "transaction_desc": lipia.parse_transaction_desc,
    }[case["field"]]
    fit = case.get("fit", "refuse")
    return checked(lambda: parse(case["input"], limit=case.get("limit"), fit=fit))


def callback_url(case: Case) -> Case:
    return checked(lambda: lipia.parse_callback_url(case["input"], environment=case["environment"]))


def password(case: Case) -> Case:
    try:
        # Python 3.10 reads no "Z".
        at = datetime.fromisoformat(case["at"].replace("Z", "+00:00"))
        made, timestamp = lipia.password(case["short_code"], case["pass_key"], at)
    except lipia.LipiaError as error:
        return {"password": None, "timestamp": None, "error": error.code}
    return {"password": made, "timestamp": timestamp, "error": None}


def result_code(case: Case) -> Case:
    row = lipia.describe(case["code"])
    return {
        "known": row.code != "*",
        "outcome": row.outcome.value,
        "final": row.is_final,
        "fault": row.fault.value,
    }


#: How a file's cases are run, and how many there were when this was last looked at.
RUNNERS: dict[str, tuple[Callable[[Case], Case], int]] = {
    "phones.json": (phone, 109),
    "amounts.json": (amount, 56),
    "money.json": (money, 52),
    "references.json": (reference, 34),
    "callback_urls.json": (callback_url, 79),
    "passwords.json": (password, 23),
    "result_codes.json": (result_code, 50),
}


def differences(expected: Case, actual: Case) -> list[str]:
    return [
        f"{field} is {value!r}, expected {expected[field]!r}"
        for field, value in actual.items()
        if expected[field] != value or isinstance(expected[field], bool) != isinstance(value, bool)
    ]


@pytest.mark.parametrize("name", RUNNERS)
def test_every_case_of_a_file_of_vectors_comes_out_as_in_every_other_language(name: str) -> None:
    run, least = RUNNERS[name]
    cases = read(name)["cases"]
    assert len(cases) >= least, f"{name} has lost cases: {len(cases)}"
    failures = [
        f"{number} ({case.get('reason')}): {difference}"
        for number, case in enumerate(cases)
        for difference in differences(case, run(case))
    ]
    assert not failures, f"{len(failures)} failures\n" + "\n".join(failures)


def test_every_file_of_vectors_has_a_runner() -> None:
    files = {path.name for path in VECTORS.iterdir()} - {"callbacks"}
    assert files == set(RUNNERS)
    listed = set(read("callbacks/expected.json"))
    bodies = {path.name for path in (VECTORS / "callbacks").iterdir()}
    assert bodies - {"expected.json", "README.md"} == listed


def test_every_row_of_the_table_of_result_codes_has_a_vector() -> None:
    known = {case["code"] for case in read("result_codes.json")["cases"] if case["known"]}
    assert {row.code for row in lipia.result_codes()} == known | {"*"}
    for row in lipia.result_codes():
        assert row.meaning and row.advice and row.customer_message_en and row.customer_message_sw
        assert lipia.describe(row.code) == row


def said(body: bytes, gateway: str | None) -> Case:
    """What the API says of a body, by the names of `expected.json`."""
    try:
        event = lipia.parse_callback(body, gateway=gateway)
    except lipia.DisbelieveError as error:
        assert error.kind == "invalid_callback", error
        return {"parses": False, "error": error.code}
    assert event.raw == body
    cents = None if event.amount is None else event.amount * 100
    assert event.amount is None or type(event.amount) is Decimal
    return {
        "parses": True,
        "error": None,
        "provider": event.gateway.value,
        "outcome": event.outcome.value,
        "final": event.is_final,
        "complete": event.complete,
        "result_code": event.result_code,
        "receipt": event.receipt,
        "amount": None if event.amount is None else str(event.amount),
        "amount_cents": None if cents is None else int(cents),
        "phone": event.phone,
        "phone_raw": event.phone_raw,
        "date": None if event.date is None else event.date.isoformat(),
        "checkout_request_id": event.checkout_request_id,
        "merchant_request_id": event.merchant_request_id,
        "reference": event.reference,
        "warnings": [warning.value for warning in event.warnings],
    }


def bodies(gateway: str, least: int) -> list[tuple[str, bytes, Case]]:
    expected: dict[str, Case] = read("callbacks/expected.json")
    cases = [
        (name, (VECTORS / "callbacks" / name).read_bytes(), case)
        for name, case in expected.items()
        if case["provider"] == gateway
    ]
    assert len(cases) >= least, f"{gateway}: the corpus has lost cases: {len(cases)}"
    return cases


#: How many bodies of each gateway there were when this was last looked at.
GATEWAYS = {"daraja": 104, "palpluss": 23, "upesipay": 18, "payhero": 6}

CLIENTS: dict[str, tuple[type[lipia.Client], type[lipia.AsyncClient]]] = {
    "daraja": (lipia.Daraja, lipia.AsyncDaraja),
    "palpluss": (lipia.PalPluss, lipia.AsyncPalPluss),
    "upesipay": (lipia.UpesiPay, lipia.AsyncUpesiPay),
    "payhero": (lipia.PayHero, lipia.AsyncPayHero),
}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_every_callback_of_a_gateway_that_is_named_says_what_it_says_everywhere(
    gateway: str,
) -> None:
    failures = [
        f"{name}: {difference}"
        for name, body, expected in bodies(gateway, GATEWAYS[gateway])
        for difference in differences(expected, said(body, gateway))
    ]
    assert not failures, f"{len(failures)} failures\n" + "\n".join(failures)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_every_callback_is_told_apart_by_its_shape(gateway: str) -> None:
    failures = []
    for name, body, named in bodies(gateway, GATEWAYS[gateway]):
        expected, found = named, said(body, None)
        if name == "p029_data_wrapped.json":
            # A shape that no gateway has.
            expected = {"parses": False, "error": "unrecognised_shape"}
        elif name == "u030_raw_daraja_body_forwarded.json":
            # Another gateway's own shape.
            expected = said(body, "daraja")
        elif gateway == "payhero":
            # Its bodies have UpesiPay's shape.
            expected = said(body, "upesipay")
        elif gateway == "daraja" and not found["parses"]:
            # No hostile body of Daraja's may pass as another gateway's; under which code it is refused differs.
            if named["parses"]:
                failures.append(f"{name}: not told apart")
            continue
        failures += [f"{name}: {difference}" for difference in differences(expected, found)]
    assert not failures, f"{len(failures)} failures\n" + "\n".join(failures)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_client_reads_callbacks_as_its_own_gateways(gateway: str) -> None:
    for name, body, expected in bodies(gateway, GATEWAYS[gateway]):
        for client in CLIENTS[gateway]:
            if expected["parses"]:
                event = client.parse_callback(body)
                assert event == lipia.parse_callback(body, gateway=gateway), name
                continue
            with pytest.raises(lipia.DisbelieveError) as refused:
                client.parse_callback(body)
            assert refused.value.code == expected["error"], name


def test_a_body_is_read_alike_whatever_holds_it() -> None:
    for name, body, expected in bodies("daraja", GATEWAYS["daraja"]):
        holders: list[Any] = [bytearray(body), memoryview(body)]
        try:
            holders.append(body.decode())
        except UnicodeDecodeError:
            assert not expected["parses"], name
        for holder in holders:
            assert said_of(holder) == said_of(body), (name, type(holder))


def said_of(body: Any) -> Any:
    try:
        return lipia.parse_callback(body, gateway="daraja")
    except lipia.DisbelieveError as error:
        return error.code


def test_a_value_of_a_callback_is_found_by_the_gateways_own_name_for_it() -> None:
    body = (
        VECTORS / "callbacks" / Path("d001_success_documented_four_items_float_amount.json")
    ).read_bytes()
    event = lipia.Daraja.parse_callback(body)
    assert event.amount is not None and event.value("Amount") is not None
    assert Decimal(event.value("Amount") or "") == event.amount
    assert event.value("MpesaReceiptNumber") == event.receipt
    assert event.value("NoSuchName") is None
