"""The limits that Lipia has to keep, as a table: the key names a measurement, the number is its limit."""

from __future__ import annotations

#: CPU of a push as a share of another's: language, way, calls in flight, the other's module.
PUSH: dict[tuple[str, str, int, str], float] = {
    ("python", "blocking", 1, "daraja_v3"): 0.30,
    ("python", "asyncio", 64, "by_hand_httpx"): 0.15,
    ("node", "promises", 1, "by_hand_fetch"): 0.12,
    ("node", "promises", 32, "by_hand_fetch"): 0.12,
    ("rust", "current-thread", 1, "by_hand_reqwest"): 1.15,
    ("rust", "current-thread", 32, "by_hand_reqwest"): 1.15,
    ("rust", "multi-thread", 1, "by_hand_reqwest"): 1.15,
    ("rust", "multi-thread", 32, "by_hand_reqwest"): 1.15,
}

#: CPU of reading a callback as a share of another's: language, the other's module.
CALLBACK: dict[tuple[str, str], float] = {
    ("python", "json_checked"): 1.0,
    ("node", "json_checked"): 1.0,
    ("rust", "serde_json"): 1.5,
}

#: Seconds that loading takes: language, what is loaded.
LOADING_SECONDS: dict[tuple[str, str], float] = {
    ("python", "import lipia"): 0.015,
    ("node", "lipia"): 0.008,
}

#: Bytes of what is shipped.
WHEEL_BYTES = 5_200_000
ADDON_BYTES = 6_700_000
MOBILE_LIBRARY_BYTES = 3_000_000

#: Bytes resident with 10,000 waits in flight.
WAITS_BYTES = 64 * 1024 * 1024

#: Exactly.
TOKENS = 1
PROMPTS = 1
