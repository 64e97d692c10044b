"""Parity with the core: a verb, field, setting or word that the core has and Python lacks fails here."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest
import rust_source as rust
from scenario_program import REMEDIES

import lipia
from lipia import _errors

#: What the core's clients can do and Python's cannot, or under another name.
CLIENT_METHODS_APART = {
    "wait_by_id": "wait() takes an id as well",
    "push_and_tell": "for bindings; Python's waits for push",
    "gateway": "the class attribute of that name",
    "guard": "a guard is no object in Python: it is on or off, by the setting",
    "callback_secrets": "a setting that is given and never read back",
    "forget_credentials": "credentials are given when the client is made",
    "stop": "close() stops the background work",
    "forget_handler": "for bindings: close() takes the handler away",
    "set_max_tellings": "a thread tells one after the other; an event loop, 64 at once",
}

#: Parts of a push that Python has no keyword for.
PUSH_PARTS_APART = {"options": "keywords of their own", "order": "of request and collect alone"}

#: Public names of the core that Python has none of the same name for.
NAMES_APART = {
    "AccountReference": "parse_account_reference",
    "AccountRung": "the guard's limits are the core's",
    "Amount": "an int, which parse_amount checks",
    "telemetry": "a module that nobody who does not observe loads: lipia.telemetry",
    "Spelling": "for bindings: hints are spelled in Python",
    "AmountRules": "keywords of parse_amount, and the setting max_amount",
    "CallOptions": "with_options",
    "CheckOptions": "keywords of check",
    "CheckPart": "texts of CheckLine",
    "CheckState": "texts of CheckLine",
    "CallbackSecrets": "the setting callback_secrets",
    "CallbackUrl": "parse_callback_url",
    "ClientBuilder": "keywords of the constructor",
    "ClientSettings": "keywords of the constructor",
    "Clock": "Python's tests use the sandbox's time scale",
    "ClosedBy": "the guard's books are the core's",
    "Confirm": "the keyword confirm",
    "ConsumerKey": "a keyword of Daraja",
    "ConsumerSecret": "a keyword of Daraja",
    "CustomerView": "the dict of Payment.for_customer",
    "CustomerMessage": "fields of ResultCode",
    "DarajaBuilder": "keywords of Daraja",
    "DarajaCredentials": "keywords of Daraja",
    "EatTime": "an aware datetime",
    "Environment": "a word: sandbox or production",
    "Error": "LipiaError",
    "ErrorCode": "a str: the code of an error",
    "Expected": "keywords of Event.check",
    "Fit": "a word: refuse or truncate",
    "GatewayName": "Gateway",
    "Guard": "the setting guard",
    "Admission": "the guard's books are the core's",
    "Closing": "the guard's books are the core's",
    "Counted": "the guard's books are the core's",
    "Key": "the guard's books are the core's",
    "Limits": "the guard's limits are the core's",
    "Rule": "the guard's limits are the core's",
    "Count": "GuardCount",
    "Standing": "GuardStanding",
    "Store": "processes that share a ledger count together there; a store of one's own is Rust's",
    "StoreResult": "as Store",
    "Tally": "the guard's books are the core's",
    "IncomingCallback": "arguments of receive_callback",
    "Credentials": "as CredentialsProvider",
    "CredentialsProvider": "credentials are given when the client is made; providers are for phones, and Rust's",
    "ManualClock": "as Clock",
    "MemoryStore": "as Store",
    "Money": "a Decimal, which parse_money checks",
    "PalPlussBuilder": "keywords of PalPluss",
    "QueryVersion": "a word: v1 or v2",
    "QuestionPace": "the setting questions_per_minute",
    "PalPlussTransaction": "json.loads(acceptance.details)",
    "PassKey": "a keyword of Daraja",
    "PayHeroBuilder": "keywords of PayHero",
    "CheckoutRequestId": "a str",
    "MerchantRequestId": "a str",
    "PaymentId": "a str",
    "Receipt": "a str",
    "PaymentStore": "the setting ledger; for payments of one's own reserve() and to_json(), before push()",
    "PhoneRun": "the guard's limits are the core's",
    "ProcessMark": "for bindings",
    "Remedy": "the subclasses of LipiaError",
    "RuleTally": "the guard's books are the core's",
    "Secret": "a str that goes in and never comes out",
    "ShortCode": "a keyword of Daraja",
    "SourceAddresses": "the settings source_addresses and trusted_proxies",
    "Gain": "what Rust's stores compare two copies by; here the ledger does that",
    "StkPush": "keywords of stk_push, reserve and collect",
    "SystemClock": "as Clock",
    "TlsRoots": "the settings tls_roots and ca_bundle",
    "TransactionDesc": "parse_transaction_desc",
    "TransactionType": "a word: pay_bill or buy_goods",
    "UntilClaimed": "for bindings",
    "parameters": "the tables that PushParameters and the settings are made from",
    "UpesiPayBuilder": "keywords of UpesiPay",
    "UpesiPayGeneration": "a word: 1 or 2",
    "UpesiPayTransaction": "json.loads(acceptance.details)",
    "WaitSeconds": "WaitOptions",
    "Warning": "Remark",
    "client_from_env": "from_env of a gateway's class",
    "Heard": "what a handler returns",
    "LedgerPayment": "Payment, with order, order_is_paid and attempt",
    "Resolution": "keywords of payments.resolve",
    "Import": "keywords of payments.import_",
    "ImportChange": "words of Imported.change",
    "Ledger": "the command line's and Rust's: a ledger without credentials",
    "tell_log_lines": "for bindings: the logger lipia",
    "write_log_line": "for bindings: a handler of logging",
    "log_to_stderr": "LIPIA_LOG alone",
    "LogLevel": "the levels of logging, and LIPIA_LOG",
    "words": "`lipia explain CODE`",
}

SYNC: tuple[type[lipia.Client], ...] = (
    lipia.Daraja,
    lipia.PalPluss,
    lipia.UpesiPay,
    lipia.PayHero,
)
ASYNC: tuple[type[lipia.AsyncClient], ...] = (
    lipia.AsyncDaraja,
    lipia.AsyncPalPluss,
    lipia.AsyncUpesiPay,
    lipia.AsyncPayHero,
)


def public(of: type) -> set[str]:
    return {name for name in dir(of) if not name.startswith("_")}


def fields(of: type) -> set[str]:
    return {field.name for field in dataclasses.fields(of) if not field.name.startswith("_")}


def test_every_public_name_of_the_core_is_in_python_or_it_is_said_why_not() -> None:
    exported = rust.exported()
    missing = exported - set(lipia.__all__) - set(NAMES_APART)
    # The module of the table of result codes is a function in Python, as its functions are.
    assert not missing, f"neither in lipia.__all__ nor in NAMES_APART: {sorted(missing)}"
    stale = set(NAMES_APART) - exported
    assert not stale, f"no longer in the core: {sorted(stale)}"
    both = set(NAMES_APART) & set(lipia.__all__)
    assert not both, f"in Python after all: {sorted(both)}"


def test_every_method_of_the_cores_client_is_a_method_here() -> None:
    core = rust.methods("client/mod.rs", "Client")
    for path in (rust.SOURCES / "client" / "verbs").glob("*.rs"):
        if path.name != "mod.rs":
            core |= rust.methods(path.relative_to(rust.SOURCES), "Client")
    assert len(core) >= 20, core
    for client in (*SYNC, *ASYNC):
        missing = core - public(client) - (set(CLIENT_METHODS_APART) - {"gateway"})
        assert not missing, f"{client.__name__} has no {sorted(missing)}"
    assert set(CLIENT_METHODS_APART) <= core


def test_the_handle_of_a_payment_does_what_the_cores_does() -> None:
    assert rust.methods("payment/handle/mod.rs", "PaymentHandle") == public(lipia.PaymentHandle)


SAME_FIELDS: list[tuple[type, str, str, dict[str, str]]] = [
    (lipia.Acceptance, "payment/acceptance.rs", "Acceptance", {}),
    (lipia.Status, "meaning/status.rs", "Status", {}),
    (lipia.Event, "meaning/event/mod.rs", "Event", {}),
    (lipia.EventCheck, "meaning/event/check.rs", "EventCheck", {}),
    (lipia.Flag, "payment/flags.rs", "Flag", {}),
    (lipia.ResultCode, "meaning/result_codes/mod.rs", "ResultCode", {}),
    (lipia.ReceivedCallback, "callback/received.rs", "ReceivedCallback", {}),
    (lipia.Push, "values/push.rs", "Push", {}),
    (lipia.WaitOptions, "payment/schedule.rs", "WaitSeconds", {}),
    (lipia.WaitOptions, "payment/schedule.rs", "WaitOptions", {}),
]


@pytest.mark.parametrize(("python", "path", "name", "renamed"), SAME_FIELDS)
def test_a_value_has_the_fields_that_it_has_in_the_core(
    python: type, path: str, name: str, renamed: dict[str, str]
) -> None:
    core = {renamed.get(field, field) for field in rust.fields(path, name)}
    missing = core - public(python)
    assert not missing, f"{python.__name__} has no {sorted(missing)}"
    # What Python's has beyond these are the core's methods, and what was private there.
    beyond = fields(python) - core
    assert beyond <= {"raw", "is_match", "is_kept", "options", "id"}, beyond


def test_an_event_and_what_is_told_of_it_have_the_cores_methods() -> None:
    assert rust.methods("meaning/event/mod.rs", "Event") - {"to_json"} <= public(lipia.Event)
    assert rust.methods("meaning/event/check.rs", "EventCheck") <= public(lipia.EventCheck)
    expected = rust.methods("meaning/event/check.rs", "Expected") - {"new", "from_texts"}
    keywords = set(inspect.signature(lipia.Event.check).parameters) - {"self"}
    assert {name.replace("phone", "phone_number") for name in expected} == keywords
    assert rust.methods("meaning/status.rs", "Status") <= public(lipia.Status)


def test_a_payment_tells_all_that_the_cores_tells() -> None:
    getters = rust.methods("payment/mod.rs", "Payment") | rust.methods(
        "payment/looks.rs", "Payment"
    )
    getters |= rust.methods("payment/for_customer.rs", "Payment")
    # What waits too long behind a handler here is dropped before anybody sees it, and a handler's end is noted before its thread
    # goes on.
    apart = {"payment", "is_overdue", "noted"}
    getters |= rust.methods("client/ledger/payment.rs", "LedgerPayment") - apart
    missing = getters - public(lipia.Payment)
    assert not missing, missing
    assert fields(lipia.Payment) <= getters


#: What the core's payments of a ledger can do that Python's cannot.
PAYMENTS_APART = {
    "of_collected": "done by collect, whose payment has its order",
    "ledger": "the command line's and Rust's: a ledger without credentials",
    "scope": "the settings environment and shop",
    "reconcile_with": "Rust's and Django's: a pass whose handler is the app's signals",
    "tell": "Rust's and Django's: the tellings of such a pass",
}

#: Fields of a row of the ledger that are the store's own, or fields of the payment.
ROW_APART = {"seq", "version", "scope", "order", "news", "told", "read_at"}


def test_the_payments_of_a_ledger_can_do_all_that_the_cores_can() -> None:
    core = rust.methods("client/payments/mod.rs", "Payments")
    assert set(PAYMENTS_APART) < core and len(core) >= 14
    # A word of Python's own.
    wanted = {"import_" if verb == "import" else verb for verb in core - set(PAYMENTS_APART)}
    for payments in (lipia.Payments, lipia.AsyncPayments):
        assert wanted == public(payments)


def test_what_the_payments_of_a_ledger_answer_has_the_fields_of_the_cores() -> None:
    payments, row = "client/payments", rust.fields("ledger/row.rs", "Row") - ROW_APART
    assert fields(lipia.PaymentPage) == rust.fields(f"{payments}/ledger.rs", "PaymentPage")
    story = rust.fields(f"{payments}/ledger.rs", "PaymentStory") - {"row"} | row | {"is_owed"}
    assert fields(lipia.PaymentStory) == story
    assert fields(lipia.Imported) == rust.fields(f"{payments}/importing.rs", "Imported")
    assert fields(lipia.Pruned) == rust.fields(f"{payments}/pruning.rs", "Pruned")
    assert fields(lipia.Reconciled) == rust.fields("client/ledger/pass.rs", "Reconciled")
    assert fields(lipia.LedgerReport) == rust.fields("ledger/report.rs", "LedgerReport")
    # The client's account is the import's; a beginning of an id is what get() takes.
    given = rust.fields(f"{payments}/importing.rs", "Import") - {"account"}
    assert set(inspect.signature(lipia.Payments.import_).parameters) - {"self", "payment"} == given
    filters = rust.fields("ledger/search.rs", "Search") - {"scope", "id_prefix"}
    keywords = set(inspect.signature(lipia.Payments.search).parameters) - {"self", "page", "limit"}
    assert keywords == filters


#: What an error tells in another way here.
ERROR_GETTERS_APART = {
    "remedy": "the class of the exception",
    "causes": "what a shop can act on is in the sentence",
    "is_validation": "isinstance(error, CorrectInputError)",
    "retry_after": "retry_after_seconds",
}


def test_an_exception_tells_all_that_the_cores_error_tells() -> None:
    getters = rust.methods("error/mod.rs", "Error") - set(ERROR_GETTERS_APART)
    attributes = {name for name in lipia.LipiaError.__annotations__ if not name.startswith("_")}
    # One argument, which the core calls by its singular.
    attributes -= {"customer_message_en", "customer_message_sw"}
    assert getters | {"retry_after_seconds"} == attributes
    keywords = set(inspect.signature(lipia.LipiaError.__init__).parameters) - {"self"}
    assert keywords == attributes | {"customer_message"}


def test_every_remedy_is_an_exception_class() -> None:
    remedies = rust.words("error/mod.rs", "Remedy")
    assert remedies == set(REMEDIES)
    assert _errors._CLASS_OF_REMEDY == REMEDIES
    subclasses = set(lipia.LipiaError.__subclasses__())
    assert subclasses == set(REMEDIES.values())
    for word, remedy in REMEDIES.items():
        assert rust.snake(remedy.__name__) == f"{word}_error"


def test_every_progress_is_a_class_and_a_member_of_the_union() -> None:
    kinds = rust.variants("payment/schedule.rs", "Progress")
    classes = {rust.snake(kind.__name__) for kind in lipia.Progress.__args__}  # type: ignore[attr-defined]
    assert kinds == classes


def test_every_setting_is_a_keyword_of_the_gateways_that_have_it() -> None:
    owned = rust.settings()
    settings = {"timeout" if name == "timeout_seconds" else name for name in owned} | {"wait"}
    for clients in zip(SYNC, ASYNC):
        for client in clients:
            name = client.gateway.name.replace("_", "").lower()
            wanted = {
                setting
                for setting in settings
                if not (owners := owned.get(setting)) or name in {owner.lower() for owner in owners}
            }
            keywords = set(inspect.signature(client).parameters)
            assert keywords == wanted, (client, keywords ^ wanted)


def test_every_part_of_a_push_is_a_keyword_of_whatever_pushes() -> None:
    parts = rust.fields("values/push.rs", "StkPush") - set(PUSH_PARTS_APART)
    for gateway in ("daraja", "palpluss", "upesipay"):
        inside = rust.text(f"gateway/{gateway}/options.rs")
        parts |= {line.split('"')[1] for line in inside.splitlines() if '"' in line}
    for client in (lipia.Client, lipia.AsyncClient):
        for name in ("stk_push", "reserve", "collect", "request"):
            verb: Any = getattr(client, name)
            keywords = set(inspect.signature(verb).parameters) - {"self", "timeout", "order"}
            assert keywords == parts, (client, name, keywords ^ parts)


#: What only one of the two has, because of how Python closes things.
CLOSING = {"close", "aclose"}


def test_the_client_that_blocks_and_the_one_that_is_awaited_have_the_same_verbs() -> None:
    pairs: list[tuple[type, type]] = [*zip(SYNC, ASYNC), (lipia.Client, lipia.AsyncClient)]
    for sync, awaited in pairs:
        assert public(sync) - CLOSING == public(awaited) - CLOSING
        assert inspect.signature(sync) == inspect.signature(awaited)
    for name in sorted(public(lipia.Client) - CLOSING):
        sync_verb, async_verb = getattr(lipia.Client, name), getattr(lipia.AsyncClient, name)
        if not callable(sync_verb):
            continue
        ours, theirs = inspect.signature(sync_verb), inspect.signature(async_verb)
        assert ours.parameters == theirs.parameters, name
        returns = str(theirs.return_annotation).replace("Async", "")
        assert str(ours.return_annotation) == returns, name
    close, aclose = lipia.Client.close, lipia.AsyncClient.aclose
    assert inspect.signature(close).parameters == inspect.signature(aclose).parameters


def test_what_needs_the_wire_is_awaited_and_nothing_else_is() -> None:
    local = {
        "reserve", "resume", "find", "unclaimed", "watch", "is_at_rest", "from_env", "with_options", "parse_callback",
        "gateway", "on_outcome", "payments", "start",
    }  # fmt: skip
    awaited = {
        name
        for name in public(lipia.AsyncClient)
        if inspect.iscoroutinefunction(getattr(lipia.AsyncClient, name))
    }
    assert awaited == public(lipia.AsyncClient) - local
