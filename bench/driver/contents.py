"""The table of contents of a report: the measurements, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bench_run import Run
from measurements import callback, faults, imports, memory, push, size, tokens, waits
from report import Section


@dataclass(frozen=True)
class Measurement:
    """One entry."""

    #: What `--only` asks for: any beginning of it.
    name: str
    measure: Callable[[Run], Section]
    #: About how many seconds it takes: where the machine is busy and time runs short, all of them are cut by the same share.
    weight: float
    #: Whether a quick run leaves it out.
    is_slow: bool = False
    #: The one language that it is about, if it is about one.
    language: str | None = None


#: First what takes the same time on every machine; what is measured in rounds has fewer of them where time runs short.
CONTENTS: tuple[Measurement, ...] = (
    Measurement("faults no answer", partial(faults.measure, fault=faults.LOST), 10),
    Measurement("faults 503", partial(faults.measure, fault=faults.UNAVAILABLE), 15),
    Measurement("faults late", partial(faults.measure, fault=faults.LATE), 60, is_slow=True),
    Measurement("tokens", tokens.measure, 15),
    Measurement("size", size.measure, 5),
    Measurement("waits", waits.measure, 20, language="rust"),
    Measurement("load", imports.measure, 45),
    Measurement("memory", memory.measure, 75),
    Measurement("callback indented", partial(callback.measure, layout="indented"), 45),
    Measurement("callback compact", partial(callback.measure, layout="compact"), 45),
    Measurement("push 1 in flight", partial(push.measure, in_flight=1), 90),
    Measurement("push 32 in flight", partial(push.measure, in_flight=32), 70),
    Measurement("push 64 in flight", partial(push.measure, in_flight=64), 10, language="python"),
    Measurement("push 256 in flight", partial(push.measure, in_flight=256), 70),
)
