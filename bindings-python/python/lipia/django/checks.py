"""Checks of a project's M-Pesa settings, for ``manage.py check``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings as django_settings
from django.core.checks import (
    CheckMessage,
    Error,
    Tags,
    Warning as CheckWarning,
    register as register_check,
)
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse

import lipia

from . import settings
from .clients import make_client
from .databases import (
    fault_of_kind,
    fault_of_session,
    fault_of_tables,
    is_mariadb,
    knows_time_zone,
)
from .models import Payment
from .views import callback

#: The id of what says that a key or an address is not set. It is a warning: tests, migrations and
#: builds run where there are no keys.
MISSING = "lipia.W004"

#: The migration that makes the tables right for MariaDB.
FOR_MARIADB = ("lipia", "0005_mariadb")


def register() -> None:
    """Registers the checks with Django."""
    register_check(check_lipia, "lipia")
    register_check(check_lipia_deployed, "lipia", deploy=True)
    register_check(check_lipia_database, "lipia", Tags.database)


def check_lipia(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """The faults of the setting ``LIPIA``, and of settings that it depends on."""
    found = settings.read(getattr(django_settings, "LIPIA", {}))
    if not isinstance(found, settings.LipiaSettings):
        return [Error(problem.message, hint=problem.hint, id=problem.check_id) for problem in found]
    messages = list(_client_messages(found))
    if found.accounts:
        # Whoever names the account in every request needs no first one.
        messages = [message for message in messages if message.id != MISSING]
    for name, account in found.accounts.items():
        for message in _client_messages(account):
            message.msg = f"The account {name!r}: {message.msg}"
            messages.append(message)
    return [*messages, *_surroundings(found)]


def check_lipia_deployed(
    app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[CheckMessage]:
    """The faults for ``check --deploy``: in production a missing setting is an error."""
    return [
        Error(f"{message.msg} Nobody can pay.", hint=message.hint, id="lipia.E009")
        for message in check_lipia()
        if message.id == MISSING
    ]


def check_lipia_database(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **_: Any,
) -> list[CheckMessage]:
    """The faults of the database that payments are written to, for ``check --database`` and ``migrate``."""
    using = router.db_for_write(Payment)
    if using not in (databases or ()):
        return []
    connection = connections[using]
    fault = fault_of_kind(connection) or fault_of_session(connection)
    if fault is None and is_mariadb(connection):
        # Before that migration the tables cannot be right, and the check must not keep anybody from migrating.
        is_migrated = FOR_MARIADB in MigrationRecorder(connection).applied_migrations()
        fault = fault_of_tables(connection) if is_migrated else None
    if fault is not None:
        return [Error(fault.message, hint=fault.hint, id="lipia.E010")]
    if django_settings.USE_TZ and not knows_time_zone(connection, django_settings.TIME_ZONE):
        return [
            CheckWarning(
                f"The database {using!r} does not know the time zone {django_settings.TIME_ZONE}, "
                "so Django's admin cannot list payments.",
                hint="Load the time zones into it: mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql",
                id="lipia.W005",
            )
        ]
    return []


def _client_messages(found: settings.LipiaSettings) -> Iterable[CheckMessage]:
    try:
        client = make_client(found)
    except lipia.LipiaError as error:
        yield _of_error(error, found)
        return
    except TypeError as error:
        yield Error(
            f"The client cannot be made of LIPIA: {error}.",
            hint="Texts, numbers, True or False, and lists of texts are understood.",
            id="lipia.E004",
        )
        return
    try:
        # To see where its callback would go. Nothing is sent, and nothing is kept.
        pretended = client.reserve(phone_number="0712345678", amount=1, account_reference="CHECK")
        push = pretended.snapshot().push
    except lipia.LipiaError as error:
        if error.code == "callback_url_missing":
            yield CheckWarning(
                "There is no callback URL, so no payment can be requested.",
                hint=(
                    'Set LIPIA["CALLBACK_URL"] or MPESA_CALLBACK_URL to the public address at '
                    "which lipia.django.urls is mounted, such as https://shop.example.co.ke/pay."
                ),
                id=MISSING,
            )
        else:
            yield _of_error(error, found)
        return
    if found.client.get("callback_token") is False:
        yield Error(
            'LIPIA["CALLBACK_TOKEN"] is False, and callbacks find their payment by that token.',
            hint=(
                "Leave it out. Without the token anybody who learns the URL could forge a payment."
            ),
            id="lipia.E006",
        )
        return
    yield from _mounting(push.callback_url)


def _of_error(error: lipia.LipiaError, found: settings.LipiaSettings) -> CheckMessage:
    name = _setting_of(error.field or "", settings.client_names(found.gateway))
    if name is None:
        message, hint = error.message, error.hint
    elif error.code == "variable_missing":
        return CheckWarning(
            f'LIPIA["{name}"] is not set, and neither is the environment variable {error.field}, '
            "so no payment can be requested.",
            hint="Set either of them where customers pay.",
            id=MISSING,
        )
    else:
        message, hint = f'LIPIA["{name}"]: {error.message}', error.hint
    return Error(
        f"The client of {found.gateway} cannot be made. {message}", hint=hint, id="lipia.E004"
    )


def _setting_of(field: str, names: Iterable[str]) -> str | None:
    """The setting for the name of an argument (``short_code``) or of a variable
    (``MPESA_SHORTCODE``)."""
    wanted = {field.upper().replace("_", ""), field.partition("_")[2].replace("_", "")}
    return next((name for name in names if name.replace("_", "") in wanted), None)


def _mounting(callback_url: str) -> Iterable[CheckMessage]:
    if not getattr(django_settings, "ROOT_URLCONF", None):
        return
    path = urlsplit(callback_url).path
    base, _, token = path.rpartition("/")
    prefix = get_script_prefix()
    try:
        mounted = reverse("lipia:callback", args=[token]).rpartition("/")[0]
    except NoReverseMatch:
        mounted = None
    try:
        found = resolve("/" + path.removeprefix(prefix).lstrip("/")).func
    except (Resolver404, ImproperlyConfigured):
        found = None
    if found is callback:
        return
    if mounted is None:
        yield Error(
            "Nothing receives callbacks: lipia.django.urls is not mounted.",
            hint=(
                f'Add path("{base.strip("/") or "pay"}/", include("lipia.django.urls")) to your '
                "urlpatterns."
            ),
            id="lipia.E007",
        )
        return
    yield Error(
        f"Callbacks are sent to {base or '/'}/…, and lipia.django.urls is mounted at "
        f"{mounted or '/'}/….",
        hint=(
            "Make the path of the callback URL the one at which the URLs are mounted. Where a "
            'proxy of yours rewrites the path, add "lipia.E008" to SILENCED_SYSTEM_CHECKS.'
        ),
        id="lipia.E008",
    )


def _surroundings(found: settings.LipiaSettings) -> Iterable[CheckMessage]:
    environment = found.client.get("environment") or os.environ.get("MPESA_ENVIRONMENT")
    on_sandbox = environment == "sandbox" or (found.gateway == "daraja" and not environment)
    if on_sandbox and not django_settings.DEBUG:
        yield CheckWarning(
            "DEBUG is off, and payments go to the sandbox: nobody pays.",
            hint=(
                'Set LIPIA["ENVIRONMENT"] (or MPESA_ENVIRONMENT) to "production" where customers '
                "pay."
            ),
            id="lipia.W001",
        )
    if any(database.get("ATOMIC_REQUESTS") for database in django_settings.DATABASES.values()):
        yield CheckWarning(
            "ATOMIC_REQUESTS is on: in a view, a payment's row would be committed only after its "
            "phone was prompted, so Payment.objects.request refuses there.",
            hint="Mark the views that request payments with @transaction.non_atomic_requests.",
            id="lipia.W002",
        )
    behind_proxy = (
        getattr(django_settings, "SECURE_PROXY_SSL_HEADER", None)
        or django_settings.USE_X_FORWARDED_HOST
    )
    if (
        found.client.get("source_addresses")
        and behind_proxy
        and not found.client.get("trusted_proxies")
    ):
        yield CheckWarning(
            "Callbacks are taken from a list of addresses, and a proxy of yours is not listed: "
            "every callback would seem to come from the proxy, and be refused.",
            hint=(
                'Set LIPIA["TRUSTED_PROXIES"] to the addresses or ranges of your proxies, which '
                "append to X-Forwarded-For."
            ),
            id="lipia.W003",
        )
