"""How long a run takes, and where it measures."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field

from peers.sale import Where
from processes import Gateway

#: The sandbox's own keys, which the gateway of the bench does not look at.
KEYS = {
    "consumer_key": "sandbox-key",
    "consumer_secret": "sandbox-secret",
    "short_code": "174379",
    "pass_key": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
}


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
    _began_at: float = field(default_factory=time.monotonic)

    @property
    def where(self) -> dict[str, str]:
        """The gateway as a worker is told of it."""
        where = Where(
            base_url=self.gateway.base_url, callback_url="https://shop.example.com/pay", **KEYS
        )
        return asdict(where)

    @property
    def patience(self) -> float:
        """How many seconds an answer may take now."""
        return min(self.longest_seconds, self.ends_at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.ends_at
