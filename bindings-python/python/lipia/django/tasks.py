"""``lipia_reconcile`` as a Celery task, for who has Celery in place of cron. ``app.autodiscover_tasks()`` finds it.

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
    older_than: float = 60.0,
    limit: int | None = None,
    pause: float = 1.0,
    overdue: bool = False,
    database: str | None = None,
) -> dict[str, Any]:
    """One run of ``manage.py lipia_reconcile``, whose options these are. Runs may overlap.

    :param older_than: ask about payments that were requested so many seconds ago.
    :param limit: ask about so many at most.
    :param pause: wait so many seconds between two questions.
    :param overdue: report payments that a person has to look at, as errors in the log.
    :param database: the database that has the payments.
    :returns: what the run did, by the names of its summary.
    """
    summary = run(
        Order(
            older_than=timedelta(seconds=older_than),
            limit=limit,
            pause_seconds=pause,
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
