"""The Android app of examples/android, compiled without Gradle and without an SDK: its resources, its classes, what it needs.

Compiled by the steps of Android's own build tools, one at a time: aapt2 compiles and links the resources and writes the classes R,
kotlinc compiles with Compose's plugin against Robolectric's jar of Android. Manifests of libraries are not merged into the app's:
what the libraries of androidx would start by themselves (startup, profiles) is not started.
"""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLE = ROOT / "examples" / "android" / "app"
SOURCES = EXAMPLE / "src" / "main"
SHARED = ROOT / "examples" / "kotlin-till" / "src" / "shared" / "kotlin"
MINIMUM_API, TARGET_API = 26, 36


def run(*command: str | Path, limit: int = 600, **environment: str) -> str:
    """What a program says; where it fails, that is the end of this one."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit,
        check=False,
    )
    assert done.returncode == 0, f"{Path(command[0]).name} failed:\n{done.stdout[-6000:]}"
    return done.stdout


class App:
    """The app in a folder of its own. Each step uses what those before it have made."""

    def __init__(self, folder: Path, brought: Path, lipia: Path) -> None:
        """
        :param brought: where pom.xml has brought everything to.
        :param lipia: the Kotlin library, a jar.
        """
        self.folder, self.brought, self.lipia = folder, brought, lipia
        self.android = next((brought / "android").glob("android-all-1*.jar"))
        self.compiled = folder / "classes"
        self.resources = folder / "resources.apk"
        #: What R8 must keep because the manifest or a resource names it, as aapt2 says.
        self.rules_of_resources = folder / "resources.pro"
        self.manifest = folder / "AndroidManifest.xml"

    def build(self) -> None:
        """All of it."""
        self.unpack()
        self.link_resources()
        self.compile()

    def unpack(self) -> None:
        """The libraries of androidx, each in its folder: classes.jar, res, rules for R8."""
        for aar in sorted((self.brought / "app").glob("*.aar")):
            folder = self.folder / "aar" / aar.stem
            if not folder.exists():
                with zipfile.ZipFile(aar) as archive:
                    archive.extractall(folder)

    def libraries(self) -> list[Path]:
        return sorted(path for path in (self.folder / "aar").iterdir() if path.is_dir())

    def jars(self, *, for_desktop: bool) -> list[Path]:
        """What the app's classes need: with JNA as desktops have it, or as phones do."""
        of_aars = [
            jar
            for folder in self.libraries()
            for jar in [folder / "classes.jar", *sorted(folder.glob("libs/*.jar"))]
            if jar.exists() and not (for_desktop and folder.name.startswith("jna-"))
        ]
        others = [
            jar
            for jar in sorted((self.brought / "app").glob("*.jar"))
            if for_desktop or not jar.name.startswith("jna-")
        ]
        return [self.lipia, *of_aars, *others]

    def link_resources(self) -> None:
        """resources.apk, and the classes R of the app and of every library."""
        packages, flat = [], self.folder / "flat"
        flat.mkdir(parents=True, exist_ok=True)
        compiled = []
        for folder in [*self.libraries(), SOURCES]:
            name = "app" if folder == SOURCES else folder.name
            if folder != SOURCES:
                packages += re.findall(
                    r'package="([\w.]+)"', (folder / "AndroidManifest.xml").read_text("utf-8")
                )[:1]
            if (folder / "res").is_dir() and any((folder / "res").iterdir()):
                run("aapt2", "compile", "--dir", folder / "res", "-o", flat / f"{name}.zip")
                compiled.append(flat / f"{name}.zip")
        text = (SOURCES / "AndroidManifest.xml").read_text("utf-8")
        # As Gradle puts in what its files say.
        self.manifest.write_text(
            text.replace("<manifest ", '<manifest package="dev.lipia.till.app" ', 1)
        )
        # The app's own last: it may say otherwise than a library.
        overlays = [part for path in compiled for part in ("-R", path)]
        run(
            "aapt2", "link", "-o", self.resources, "-I", self.android, "--manifest", self.manifest,
            "--proguard", self.rules_of_resources, "--java", self.folder / "r", "--extra-packages", ":".join(sorted(set(packages))),
            "--auto-add-overlay", "--non-final-ids",
            "--min-sdk-version", str(MINIMUM_API), "--target-sdk-version", str(TARGET_API),
            "--version-code", "1", "--version-name", "0.1.0", "--rename-manifest-package", "dev.lipia.till",
            *overlays,
        )  # fmt: skip

    def compile(self) -> None:
        """The app's classes, as `app/build.gradle.kts` has them made."""
        made = sorted((self.folder / "r").rglob("*.java"))
        settings = self.folder / "generated" / "BuildConfig.java"
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(BUILD_CONFIG)
        self.compiled.mkdir(exist_ok=True)
        run("javac", "-nowarn", "--release", "11", "-d", self.compiled, settings, *made)
        sources = [*sorted(SOURCES.rglob("*.kt")), *sorted(SHARED.rglob("*.kt"))]
        self.kotlinc(
            self.compiled, sources, [self.compiled, *self.jars(for_desktop=True), self.android]
        )

    def compile_scenes(self) -> None:
        """The scenes, and what tells Robolectric where the app's resources are."""
        scenes = self.folder / "scenes"
        scenes.mkdir(exist_ok=True)
        self.kotlinc(scenes, sorted((HERE / "scenes").glob("*.kt")), self.classpath_of_scenes())
        told = scenes / "com" / "android" / "tools" / "test_config.properties"
        told.parent.mkdir(parents=True, exist_ok=True)
        told.write_text(
            f"android_merged_manifest={self.manifest}\nandroid_resource_apk={self.resources}\n"
            "android_custom_package=dev.lipia.till.app\n"
        )

    def classpath_of_scenes(self) -> list[Path]:
        """Everything that runs in a scene. What stands first is found first."""
        own = [self.folder / "scenes", self.compiled, *self.jars(for_desktop=True)]
        return [*own, *self.tools_of_scenes()]

    def tools_of_scenes(self) -> list[Path]:
        """Robolectric, and what it plays with: no part of the app."""
        tools = sorted((self.brought / "tests").glob("*.jar"))
        monitor = next((self.brought / "tests").glob("monitor-*.aar"))
        unpacked = self.folder / "monitor.jar"
        if not unpacked.exists():
            with zipfile.ZipFile(monitor) as archive:
                unpacked.write_bytes(archive.read("classes.jar"))
        return [*tools, unpacked, self.android]

    def kotlinc(self, out: Path, sources: Iterable[Path], classpath: Iterable[Path]) -> None:
        """Kotlin with Compose; a warning is an error."""
        tools = self.brought / "compiler"
        plugin = next(tools.glob("kotlin-compose-*.jar"))
        arguments = [
            "-d", out, "-no-stdlib", "-no-reflect", "-jvm-target", "11", "-Werror",
            f"-Xplugin={plugin}", "-module-name", out.name,
            "-classpath", os.pathsep.join(map(str, classpath)), *sources,
        ]  # fmt: skip
        run(
            "java", "-Xmx1500m", "-cp", f"{tools}/*", "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", *arguments
        )  # fmt: skip


#: What Gradle writes by `buildConfigField`: here the one who starts the app says where the gateway is.
BUILD_CONFIG = """package dev.lipia.till.app;

public final class BuildConfig {
    public static final String BASE_URL = System.getProperty("till.gateway");
    public static final String CALLBACK_URL = System.getProperty("till.callbacks");
}
"""


def kotlin_version() -> str:
    """The compiler that the Kotlin library is made with."""
    return kotlin_properties()["kotlin.version"]


def kotlin_properties() -> dict[str, str]:
    pom = (ROOT / "bindings-mobile" / "kotlin" / "pom.xml").read_text("utf-8")
    return dict(re.findall(r"<([\w.]+)>([^<]+)</\1>", pom))


def from_environment() -> App:
    """The app that .ci/android has built."""
    return App(
        *(Path(os.environ[f"LIPIA_ANDROID_{name}"]) for name in ("APP", "BROUGHT", "KOTLIN"))
    )


def main() -> None:
    """Builds the app and the scenes that it is tried in."""
    app = from_environment()
    app.build()
    app.compile_scenes()


if __name__ == "__main__":
    main()
