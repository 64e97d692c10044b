"""The app as R8 shrinks it, with the rules that its libraries bring: for a phone, and for a JVM with the scenes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from app import MINIMUM_API, ROOT, App, run

sys.path.insert(0, str(ROOT / "bindings-mobile" / "test"))

import r8  # noqa: E402

#: The rules of Lipia's AAR.
RULES_OF_LIPIA = ROOT / "bindings-mobile" / "android" / "consumer-rules.pro"
#: What a maker of folding phones puts into them, and Compose asks for where it is there. Google's artifact of it was not to be had.
ON_SOME_PHONES = "-dontwarn androidx.window.extensions.**\n-dontwarn androidx.window.sidecar.**\n"
#: The scenes are not shrunk: they are found by their names, and speak to the app by those that it has then. What the tools of
#: the scenes ask for beside Android is nobody's business here.
RULES_OF_SCENES = "-keep class dev.lipia.till.scenes.** { *; }\n-dontwarn **\n"


def dex(app: App, version: str, lipia: Path, rules_of_lipia: Path) -> Path:
    """The app's classes as phones have them, in an archive.

    :param lipia: the Kotlin library's classes.
    """
    out = app.folder / f"dex-{version}.zip"
    libraries = [jar for jar in app.jars(for_desktop=False) if jar != app.lipia]
    program = [r8.jar_of(app.compiled, app.folder / "compiled.jar"), lipia, *libraries]
    _shrink(
        app, version, out, program, [app.android], [rules_of_lipia], "--min-api", str(MINIMUM_API)
    )
    return out


def shrunk_with_scenes(app: App, version: str) -> list[Path]:
    """The app shrunk together with the scenes that are played in it, as classes that run here, and what they run with."""
    out = app.folder / f"shrunk-{version}.jar"
    # As it is for desktops: R8 would leave out its native libraries.
    jna = [jar for jar in app.jars(for_desktop=True) if jar.name.startswith("jna-")]
    program = [
        r8.jar_of(app.folder / "scenes", app.folder / "scenes.jar"),
        r8.jar_of(app.compiled, app.folder / "compiled.jar"),
        *(jar for jar in app.jars(for_desktop=True) if jar not in jna),
    ]
    tools = [*jna, *app.tools_of_scenes()]
    _shrink(
        app,
        version,
        out,
        program,
        tools,
        [RULES_OF_LIPIA],
        "--classfile",
        more_rules=RULES_OF_SCENES,
    )
    # What tells Robolectric where the resources are lies beside the scenes that were compiled. Their classes stand behind those
    # that were shrunk.
    return [out, *tools, app.folder / "scenes"]


def _shrink(
    app: App, version: str, out: Path, program: Iterable[Path], libraries: Iterable[Path], rules: Iterable[Path],
    *how: str, more_rules: str = "",
) -> None:  # fmt: skip
    more = out.with_suffix(".pro")
    more.write_text(ON_SOME_PHONES + more_rules)
    rules = [*rules, app.rules_of_resources, *_rules_of_libraries(app), more]
    # Java's own classes are this machine's, in which Android's are too.
    run(
        *r8.command(
            app.brought / "r8" / f"r8-{version}.jar", out, rules, [r8.java_home(), *libraries], program, *how
        ),
        limit=900,
    )  # fmt: skip


def _rules_of_libraries(app: App) -> Iterator[Path]:
    """The rules in the AARs of androidx and of JNA. Those in jars R8 finds by itself."""
    for folder in app.libraries():
        rules = folder / "proguard.txt"
        if rules.exists():
            yield rules
