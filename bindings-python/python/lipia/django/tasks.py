"""The Celery task for ``lipia_reconcile``, for projects with Celery in place of cron. ``app.autodiscover_tasks()`` finds it.

::

    CELERY_BEAT_SCHEDULE = {"lipia": {"task": "lipia.reconcile", "schedule": 60.0}}
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import router

from .models import Payment
from .reconcile import Order, reconcile as run

log = logging.getLogger("lipia.django")


@shared_task(name="lipia.reconcile", ignore_result=True)
def reconcile(
    older_than: float | None = None,
    limit: int | None = None,
    pause: float = 1.0,
    overdue: bool = False,
    database: str | None = None,
) -> dict[str, Any]:
    """Makes one run of ``manage.py lipia_reconcile``, with its options. Runs may overlap.

    :param older_than: the age in seconds from which every open payment is asked about now. Default: each has its turn.
    :param limit: the most payments to ask about. Default: all that are due.
    :param pause: of no effect: the ledger paces the questions of all processes.
    :param overdue: whether to log payments that a person has to look at, as errors. Default: ``False``.
    :param database: the database that has the payments. Default: the one that routers write payments to.
    :returns: the counts of the run, by name.
    """
    summary = run(
        Order(
            older_than=None if older_than is None else timedelta(seconds=older_than),
            limit=limit,
            dry_run=False,
            resend_failed=False,
            overdue=overdue,
            using=database or router.db_for_write(Payment),
        ),
        log.info,
    )
    if summary.needs_a_person:
        log.error(
            "something needs a person: manage.py lipia_reconcile says what overdue=%s raising=%s "
            "not_told=%s",
            len(summary.overdue),
            summary.raising,
            summary.not_told,
        )
    return summary.to_dict()
