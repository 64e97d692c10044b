"""A run of the bench: its times, and the places in which it measures."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from languages import Tools
from peers import Peer, of_languages
from servers import Gateway
from workers import Worker

#: What was asked before the time was up may still take so long.
_GRACE_SECONDS = 20.0

#: The merchant of Lipia's sandbox, which is Safaricom's own. The gateway looks at no key.
MERCHANT: dict[str, Any] = {
    "consumer_key": "sandbox-key",
    "consumer_secret": "sandbox-secret",
    "short_code": "174379",
    "pass_key": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    "callback_url": "https://shop.example.com/pay",
}


@dataclass(frozen=True)
class Run:
    """One run of the bench."""

    tools: Tools
    gateway: Gateway
    #: Whose figures are taken.
    languages: Collection[str]
    #: In how many rounds all take turns.
    rounds: int
    #: How long each works in each round, in seconds.
    batch_seconds: float
    #: When a measurement takes no more than it must, by `time.monotonic`, so that those to come have their share.
    ends_at: float
    #: When everything must have ended, by the same clock.
    must_end_at: float
    #: How many pushes memory is looked at after.
    pushes: int
    #: How many processes of each memory is looked at in.
    processes: int
    #: After so many seconds a single answer is given up.
    longest_seconds: float = 60.0
    #: Why some peers are not there at all, by name.
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Who is measured, those that turn out to be absent included."""
        return of_languages(self.languages)

    def where(
        self,
        *,
        base_url: str | None = None,
        timeout_seconds: int = 30,
        connections: int = 64,
        **keys: Any,
    ) -> dict[str, Any]:
        """A gateway as a worker is told of it; the run's own unless another is named."""
        return {
            **MERCHANT,
            **keys,
            "base_url": base_url or self.gateway.base_url,
            "timeout_seconds": timeout_seconds,
            "connections": connections,
        }

    def worker(self, peer: Peer) -> Worker:
        """Starts the worker of a peer."""
        return Worker(self.tools, peer, longest_seconds=self.patience)

    def with_share(self, weight: float, weights_to_come: float) -> Run:
        """The same run for one measurement, which ends before it has eaten the time of those to come. What it leaves is
        theirs.
        """
        now = time.monotonic()
        share = weight / (weight + weights_to_come)
        return replace(self, ends_at=now + max(0.0, self.ends_at - now) * share)

    @property
    def patience(self) -> float:
        """How many seconds an answer may take now. What was asked just before the end may still be answered."""
        return min(self.longest_seconds, max(_GRACE_SECONDS, self.must_end_at - time.monotonic()))

    @property
    def is_over(self) -> bool:
        """Whether this measurement's share of the time is used up: what is there is enough."""
        return time.monotonic() >= self.ends_at

    @property
    def must_end(self) -> bool:
        """Whether the time of the whole run is up."""
        return time.monotonic() >= self.must_end_at
