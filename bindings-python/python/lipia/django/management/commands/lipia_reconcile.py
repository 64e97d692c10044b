"""The command ``manage.py lipia_reconcile``, which asks about payments whose outcome did not come. Run it from cron, every
minute."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import router

import lipia
from lipia.django.models import Payment
from lipia.django.reconcile import Order, Summary, reconcile, release_older_than


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 31_536_000:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds up to a year")
    return seconds


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**9:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


class Command(BaseCommand):
    """The command ``lipia_reconcile``."""

    help = (
        "Asks the gateway about every payment that stayed silent, looks at callbacks that a "
        "process which ended left behind, and sends the signals that are due. It prompts "
        "nobody, and is safe to run beside itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument(
            "--older-than",
            type=_seconds,
            metavar="SECONDS",
            help=(
                "ask now about every open payment that was requested this long ago (default: "
                "about those whose turn it is)"
            ),
        )
        parser.add_argument("--limit", type=_count, metavar="N", help="ask about so many at most")
        parser.add_argument(
            "--pause",
            type=_seconds,
            default=1.0,
            metavar="SECONDS",
            help="of no effect: the ledger paces the questions of all processes",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and do nothing"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one line of JSON instead of the progress"
        )
        parser.add_argument(
            "--resend-failed",
            action="store_true",
            help="call receivers that raised again now",
        )
        parser.add_argument(
            "--no-overdue",
            action="store_true",
            help="do not report payments that a person has to look at: another run does",
        )
        parser.add_argument(
            "--release",
            nargs="?",
            const="",
            metavar="PAYMENT_ID",
            help=(
                "let the order of this payment be paid again: you have looked, and it was not "
                "paid. Without an id, with --older-than: the orders of all payments that were "
                "accepted that long ago and are open still"
            ),
        )
        parser.add_argument(
            "--not-paid",
            action="store_true",
            help=(
                "with --release --older-than: payments too that may never have reached their "
                "phones. You have seen the statement, and none of them is on it"
            ),
        )
        parser.add_argument("--database", help="the database that has the payments")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs it.

        :raises CommandError: where something needs a person; the exit status is 1.
        """
        using = options["database"] or router.db_for_write(Payment)
        if options["release"] == "":
            self._release_older_than(options, using)
            return
        if options["release"]:
            self._release(options["release"], using)
            return
        older_than = options["older_than"]
        order = Order(
            older_than=None if older_than is None else timedelta(seconds=older_than),
            limit=options["limit"],
            dry_run=options["dry_run"],
            resend_failed=options["resend_failed"],
            overdue=not options["no_overdue"],
            using=using,
        )
        summary = reconcile(order, self._say(quiet=options["json"] or options["verbosity"] == 0))
        if options["json"]:
            self.stdout.write(json.dumps(summary.to_dict()))
        elif options["verbosity"] > 0:
            self.stdout.write(_in_words(summary))
        if summary.needs_a_person:
            raise CommandError("Something needs a person: see above.", returncode=1)

    def _say(self, *, quiet: bool) -> Any:
        return (lambda line: None) if quiet else self.stdout.write

    def _release(self, payment_id: str, using: str) -> None:
        payment = Payment.objects.using(using).filter(payment_id=payment_id).first()
        if payment is None:
            raise CommandError(f"There is no payment {payment_id!r}.")
        try:
            payment.release_order()
        except lipia.LipiaError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{payment.payment_id}: its order can be paid by another payment.")

    def _release_older_than(self, options: dict[str, Any], using: str) -> None:
        if options["older_than"] is None:
            raise CommandError("Give a payment's id, or --older-than SECONDS.")
        released = release_older_than(
            timedelta(seconds=options["older_than"]),
            self._say(quiet=options["verbosity"] == 0),
            not_paid=options["not_paid"],
            dry_run=options["dry_run"],
            using=using,
        )
        would = "Would release" if options["dry_run"] else "Released"
        self.stdout.write(f"{would} {released}.")


def _in_words(summary: Summary) -> str:
    return (
        f"Asked about {summary.asked}, settled {summary.settled}, not told {summary.not_told}; "
        f"nothing to ask by {summary.silent}; callbacks taken in {summary.taken_in}; signals sent "
        f"{summary.told}, receivers raising {summary.raising}; for a person to look at "
        f"{len(summary.overdue)}."
    )
