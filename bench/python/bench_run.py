"""How long a run takes, and where it measures."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from peers.sale import Where
from processes import Gateway

_GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Run:
    """One run of the bench."""

    gateway: Gateway
    #: In how many rounds all take turns.
    rounds: int
    #: How long each works in each round, in seconds.
    batch_seconds: float
    #: When everything must have ended, by `time.monotonic`.
    ends_at: float
    #: After so many seconds a single answer is given up.
    longest_seconds: float = 60.0
    #: How many pushes memory is looked at after.
    pushes: int = 2_000

    @property
    def where(self) -> dict[str, Any]:
        """The gateway as a worker is told of it. It looks at no key; these are the sandbox's."""
        where = Where(
            base_url=self.gateway.base_url,
            consumer_key="sandbox-key",
            consumer_secret="sandbox-secret",
            short_code="174379",
            pass_key="bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
            callback_url="https://shop.example.com/pay",
        )
        return asdict(where)

    def with_share(self, weight: float, weights_to_come: float) -> Run:
        """The same run for one measurement, which ends before it has eaten the time of those to
        come. What it leaves is theirs.
        """
        now = time.monotonic()
        share = weight / (weight + weights_to_come)
        return replace(self, ends_at=now + max(0.0, self.ends_at - now) * share)

    @property
    def patience(self) -> float:
        """How many seconds an answer may take now. What was asked just before the end may still be
        answered.
        """
        return min(self.longest_seconds, max(_GRACE_SECONDS, self.ends_at - time.monotonic()))

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.ends_at
