"""The pytest plugin: a fixture that plays M-Pesa for a test.

It is loaded by every run of pytest where Lipia is installed, so it imports the sandbox only where a
test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._sandbox import Sandbox

_INI = "lipia_time_scale"
_MARKER = "lipia_sandbox"
_HELP = "sandbox seconds that pass in a second in the fixture lipia_sandbox"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini option ``lipia_time_scale``."""
    parser.addini(_INI, f"{_HELP} (default: 100)", default="100")


def pytest_configure(config: pytest.Config) -> None:
    """The marker ``lipia_sandbox``."""
    config.addinivalue_line("markers", f"{_MARKER}(time_scale=100): {_HELP}, for this test")


@pytest.fixture
def lipia_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox that plays Daraja, PalPluss, UpesiPay and PayHero for one test, a hundred times faster than life.

    ::

        def test_a_sale(lipia_sandbox):
            with lipia_sandbox.daraja() as daraja:
                payment = daraja.collect(
                    phone_number="0712345678", amount=150, account_reference="INV-001"
                )
            assert payment.is_paid and lipia_sandbox.prompts == 1

    To change the speed: ``@pytest.mark.lipia_sandbox(time_scale=1000)`` for one test, the ini option
    ``lipia_time_scale`` for all.
    """
    from ._sandbox import Sandbox

    time_scale, said_where = _time_scale(request)
    try:
        sandbox = Sandbox(time_scale=float(time_scale))
    except (TypeError, ValueError):
        pytest.fail(
            f"{said_where} says time_scale={time_scale!r}: give a positive number, such as 100.",
            pytrace=False,
        )
    with sandbox:
        yield sandbox


def _time_scale(request: pytest.FixtureRequest) -> tuple[Any, str]:
    """The time scale, and where it is set."""
    marker = request.node.get_closest_marker(_MARKER)
    given = {} if marker is None else marker.kwargs
    if marker is not None and (marker.args or set(given) - {"time_scale"}):
        shown = [repr(value) for value in marker.args] + [f"{name}=…" for name in given]
        pytest.fail(
            f"@pytest.mark.{_MARKER}({', '.join(shown)}): it takes time_scale=NUMBER and nothing else.",
            pytrace=False,
        )
    if given:
        return given["time_scale"], f"The marker {_MARKER}"
    return request.config.getini(_INI), f"The ini option {_INI}"
