"""Anything that would lose orders or payments is said on stderr, also in a program that does not set up logging."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Run

PROGRAM = """
sys.stderr = sys.stdout  # where Python writes what no handler takes
LEDGER = sys.argv[1] or None
def settings(environment):
    return dict(environment=environment, ledger=LEDGER, callback_url="https://shop.example.com/pay")
sandbox = lipia.Sandbox()
"""

BLOCKING = """
for environment in ("sandbox", "production"):
    print(environment)
    with sandbox.daraja(**settings(environment)) as daraja:
        for number in range(3):
            daraja.request(order=f"order-{environment}-{number}", **sale())
"""

ASYNC = """
import asyncio
async def main():
    for environment in ("sandbox", "production"):
        print(environment)
        async with sandbox.async_daraja(**settings(environment)) as daraja:
            for number in range(3):
                await daraja.request(order=f"order-{environment}-{number}", **sale())
asyncio.run(main())
"""


@pytest.mark.parametrize("sell", [BLOCKING, ASYNC], ids=["blocking", "async"])
def test_an_order_that_is_claimed_in_memory_in_production_is_an_error_once(
    run: Run, sell: str
) -> None:
    in_sandbox, in_production = run(PROGRAM + sell, "").split("production\n")
    assert "LIPIA_LEDGER" not in in_sandbox
    assert in_production.count("prompts the customer again. Set a ledger (LIPIA_LEDGER)") == 1


@pytest.mark.parametrize("sell", [BLOCKING, ASYNC], ids=["blocking", "async"])
@pytest.mark.parametrize(
    ("folder", "danger"),
    [
        ("", "a temporary folder"),
        ("env/lib/python3.12/site-packages/shop", "a folder of packages"),
    ],
)
def test_a_ledger_in_a_folder_that_is_emptied_is_warned_of_once(
    run: Run, sell: str, tmp_path: Path, folder: str, danger: str
) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    printed = run(PROGRAM + sell, f"sqlite://{tmp_path / folder}/payments.db")
    assert printed.count("the ledger's file will be lost") == 1 and danger in printed


def test_a_ledger_in_the_layer_of_a_container_is_warned_of(run: Run, tmp_path: Path) -> None:
    layers = {name: tmp_path / name for name in ("lowerdir", "upperdir", "workdir", "merged")}
    for layer in layers.values():
        layer.mkdir()
    merged = layers.pop("merged")
    options = ",".join(f"{name}={layer}" for name, layer in layers.items())
    mount = ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("an overlay cannot be mounted here")
    try:
        printed = run(PROGRAM + BLOCKING, f"sqlite://{merged}/payments.db")
    finally:
        subprocess.run(["umount", "--lazy", str(merged)], check=True)
    assert "a layer of a container, which is gone with the container" in printed


def test_a_callback_of_a_payment_that_a_ledger_does_not_have_is_kept_and_said(
    run: Run, tmp_path: Path
) -> None:
    printed = run(
        PROGRAM
        + """
with sandbox.mailbox() as mailbox:
    with sandbox.daraja(callback_url=mailbox.url) as elsewhere:
        elsewhere.request(order="order-1", **sale())
        callback = mailbox.next()
    with sandbox.daraja(callback_url=mailbox.url, ledger=LEDGER) as daraja:
        for _ in range(2):
            print("kept:", daraja.receive_callback(callback.path, callback.body).is_kept)
""",
        f"sqlite://{tmp_path}/payments.db",
    )
    assert printed.count("kept: True") == 2
    assert printed.count("it was pushed with another ledger") == 1
