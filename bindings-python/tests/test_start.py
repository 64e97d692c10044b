"""What `import lipia` costs a program, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

import lipia

#: What a program that never speaks to a gateway need not load.
HEAVY = (
    "asyncio",
    "dataclasses",
    "logging",
    "typing",
    "decimal",
    "inspect",
    "datetime",
    "enum",
    "importlib.metadata",
)


def run(program: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(program: str) -> set[str]:
    """The modules that a program loads beyond those that an interpreter has anyway."""
    # What the interpreter's own start loads differs: an environment's `.pth` files load modules too.
    shown = f"""
    import sys
    before = set(sys.modules)
    {program}
    print(*sorted(set(sys.modules) - before))
    """
    return set(run(shown, "-S").split())


PATH = f"sys.path[:0] = {[path for path in sys.path if path]!r}; "


def test_importing_loads_nothing_but_the_package_itself() -> None:
    loaded = loaded_by(PATH + "import lipia")
    assert "lipia" in loaded
    assert not loaded & set(HEAVY), loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("lipia.")} == set()


def test_a_client_that_blocks_loads_no_asyncio() -> None:
    program = (
        PATH
        + "import lipia; lipia.Daraja(consumer_key='k', consumer_secret='s', short_code=174379, pass_key='p')"
    )
    loaded = loaded_by(program)
    assert "lipia._client" in loaded and "asyncio" not in loaded
    assert not loaded & {"lipia._async_client", "lipia._sandbox", "lipia._calls"}


def test_making_a_client_starts_no_thread_and_opens_no_socket() -> None:
    said = run(
        PATH.replace("sys.", "__import__('sys').")
        + textwrap.dedent(
            """
            import os, threading, lipia
            has_proc = os.path.isdir("/proc/self/task")
            def open_files():
                return sorted(os.listdir("/proc/self/fd")) if has_proc else []
            def threads():
                return len(os.listdir("/proc/self/task")) if has_proc else threading.active_count()
            before = (open_files(), threads())
            keys = dict(consumer_key="k", consumer_secret="s", short_code=174379, pass_key="p")
            clients = [lipia.Daraja(**keys), lipia.AsyncDaraja(**keys)]
            clients[0].parse_callback
            print((open_files(), threads()) == before)
            """
        )
    )
    assert said == "True\n"


@pytest.mark.parametrize("name", ["Daraja", "Payment", "Outcome", "parse_phone_number"])
def test_any_name_can_be_the_first_that_is_used(name: str) -> None:
    assert name in run(f"import sys; {PATH}import lipia; print(lipia.{name})")


def test_names_can_be_used_by_many_threads_at_once_from_the_start() -> None:
    program = f"""
    import sys, threading
    {PATH}
    import lipia
    gate, failed = threading.Barrier(16), []
    def use(number):
        gate.wait()
        try:
            for name in lipia.__all__[number:] + lipia.__all__[:number]:
                getattr(lipia, name)
        except BaseException as error:
            failed.append(repr(error))
    threads = [threading.Thread(target=use, args=(number * 3,)) for number in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    print(failed)
    """
    assert run(program) == "[]\n"


def test_the_import_survives_optimisation_and_warnings_as_errors() -> None:
    uses_all = "[getattr(lipia, name) for name in lipia.__all__]"
    program = f"import sys; {PATH}import lipia; {uses_all}; print(lipia.Daraja.__doc__ is None)"
    assert run(program, "-OO", "-W", "error", "-bb") == "True\n"
    assert run(program, "-W", "error", "-bb", "-X", "dev") == "False\n"
    assert lipia.Daraja.__doc__
