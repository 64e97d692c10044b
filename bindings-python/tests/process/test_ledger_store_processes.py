"""A ledger's store that is written in Python, in programs that fork and that end."""

from __future__ import annotations

from pathlib import Path

from repository import REPOSITORY

from .conftest import Run

EXAMPLE = REPOSITORY / "examples" / "python-lmdb-store"


def test_processes_that_share_a_store_prompt_once_for_an_order(run: Run, tmp_path: Path) -> None:
    printed = run(
        """
        sys.path.insert(0, sys.argv[2])
        from lmdb_store import LmdbStore
        sandbox = lipia.Sandbox()
        daraja = sandbox.daraja(ledger=LmdbStore(sys.argv[1] + "/payments"))
        daraja.request(order="order-0", **sale())
        sales = [dict(order=f"order-{number}", **sale()) for number in range(1, 11)]
        children = []
        for _ in range(3):
            child = os.fork()
            if child == 0:
                for one in sales:
                    daraja.request(**one)
                os._exit(0)
            children.append(child)
        for child in children:
            assert os.waitpid(child, 0)[1] == 0
        for one in sales:
            assert daraja.request(**one).is_existing
        print(sandbox.prompts)
        """,
        str(tmp_path),
        str(EXAMPLE),
    )
    assert printed.split() == ["11"]


def test_a_program_may_end_while_a_command_of_its_store_runs(run: Run, tmp_path: Path) -> None:
    printed = run(
        """
        import threading, time
        sys.path.insert(0, sys.argv[2])
        from lmdb_store import LmdbStore

        class Slow(LmdbStore):
            def earlier(self, scope, order):
                began.set()
                time.sleep(0.5)
                print("the command ended")
                return super().earlier(scope, order)

        began = threading.Event()
        daraja = lipia.Sandbox().daraja(ledger=Slow(sys.argv[1] + "/payments"))
        threading.Thread(target=lambda: daraja.request(order="1", **sale()), daemon=True).start()
        assert began.wait(20)
        """,
        str(tmp_path),
        str(EXAMPLE),
    )
    assert printed == "the command ended\n"
