"""A release is whole or is refused, Maven understands what it is told, and the workflow runs scripts that are there."""

from __future__ import annotations

import re
import shutil
import subprocess
import unittest
import zipfile
from pathlib import Path

from surroundings import ROOT, SCRIPTS, kotlin_jar, run_script, scratch_folder

# isort: split
import native
import release_contents
import small_libraries
from android_library import ABIS, FILE, PAGE, WITHOUT_NDK
from elf import read

WORKFLOW = ROOT / ".github" / "workflows" / "release-mobile.yml"
VERSION = native.version()


class Whole(unittest.TestCase):
    """A folder that is to be published."""

    def setUp(self) -> None:
        small_libraries.need_compilers()
        folder = scratch_folder(self)
        self.release = folder / "release"
        maven = self.release / "maven" / "dev" / "lipia" / "lipia" / VERSION
        maven.mkdir(parents=True)
        # As Maven makes it, with the libraries of other machines put in.
        self.jar = maven / f"lipia-{VERSION}.jar"
        shutil.copyfile(kotlin_jar(), self.jar)
        with zipfile.ZipFile(self.jar, "a") as archive:
            for platform, name in release_contents.JVM.items():
                archive.writestr(f"{platform}/{name}", b"library")
        for name in (
            f"lipia-{VERSION}.pom",
            f"lipia-{VERSION}-sources.jar",
            f"lipia-{VERSION}-javadoc.jar",
        ):
            (maven / name).write_bytes(b"something")
        other = folder / "other.jar"
        other.write_bytes(b"something")
        for script, libraries, out, more in (
            (
                "build-aar",
                small_libraries.all_android(folder / "android"),
                self.release / "maven",
                ["--classes", self.jar, "--sources", other, "--documentation", other],
            ),
            (
                "build-xcframework",
                small_libraries.all_apple(folder / "apple"),
                self.release / "swift",
                [],
            ),
        ):
            done = run_script(script, "--libraries", libraries, "--out", out, *more)
            self.assertEqual(done.returncode, 0, done.stderr)

    def faults(self, tag: str | None = None) -> list[str]:
        return list(release_contents.faults(self.release, tag))

    def test_is_taken_with_its_own_tag_alone(self) -> None:
        self.assertEqual(self.faults(), [])
        self.assertEqual(self.faults(f"v{VERSION}"), [])
        self.assertEqual(self.faults("v9.9.9"), [f"The tag is v9.9.9, the version {VERSION}."])

    def test_is_refused_where_anything_is_missing(self) -> None:
        self.jar.unlink()
        shutil.rmtree(self.release / "maven" / "dev" / "lipia" / "lipia-android")
        (self.release / "swift" / "LipiaFFI.xcframework.zip").unlink()
        told = self.faults()
        self.assertEqual(len(told), 6, told)
        for name in (
            f"lipia-{VERSION}.jar",
            f"lipia-android-{VERSION}.aar",
            "LipiaFFI.xcframework.zip",
        ):
            self.assertIn(f"{name} is missing.", told)

    def test_is_refused_where_a_platform_is_missing(self) -> None:
        shutil.copyfile(kotlin_jar(), self.jar)
        self.assertEqual(
            self.faults(),
            [
                f"lipia-{VERSION}.jar lacks {platform}/{name}."
                for platform, name in release_contents.JVM.items()
            ],
        )

    def test_is_refused_where_the_ndk_did_not_link_a_library(self) -> None:
        folder = scratch_folder(self)
        libraries = small_libraries.all_android(folder / "libraries")
        abi = ABIS[0]
        small_libraries.android(libraries / abi.name / FILE, abi, by_ndk=False)
        out = self.release / "maven"
        done = run_script(
            "build-aar", "--check", "--libraries", libraries, "--classes", self.jar, "--out", out
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        aar = f"lipia-android-{VERSION}.aar, jni/{abi.name}/{FILE}"
        self.assertEqual(self.faults(), [f"{aar}: {WITHOUT_NDK}"])

    def test_is_refused_where_the_framework_is_another(self) -> None:
        archive = self.release / "swift" / "LipiaFFI.xcframework.zip"
        archive.write_bytes(archive.read_bytes() + b"\0")
        self.assertEqual(
            self.faults(),
            ["Package.swift names another checksum than that of LipiaFFI.xcframework.zip."],
        )
        manifest = self.release / "swift" / "package" / "Package.swift"
        manifest.write_text(manifest.read_text().replace(f"/v{VERSION}/", "/v9.9.9/"))
        self.assertIn(
            f"Package.swift names an archive of another version than {VERSION}.", self.faults()
        )

    def test_maven_finds_the_aar_and_a_jna_that_large_pages_can_load(self) -> None:
        self.assertTrue(shutil.which("mvn"), "mvn was not found: .ci/kotlin sees to it.")
        folder = scratch_folder(self)
        app = folder / "pom.xml"
        app.write_text(f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>com.example</groupId><artifactId>app</artifactId><version>1</version><packaging>pom</packaging>
          <repositories><repository><id>release</id><url>{(self.release / "maven").as_uri()}</url></repository></repositories>
          <dependencies><dependency>
            <groupId>dev.lipia</groupId><artifactId>lipia-android</artifactId><version>{VERSION}</version><type>aar</type>
          </dependency></dependencies>
        </project>""")
        # What this asks for is found in the folder and, for the rest, where Maven always looks; nothing of it stays behind in
        # what Maven keeps for others.
        kept = Path.home() / ".m2" / "repository" / "dev" / "lipia" / "lipia-android"
        self.assertFalse(
            kept.exists(), f"{kept} is there from elsewhere, and would be what is found"
        )
        self.addCleanup(shutil.rmtree, kept, ignore_errors=True)
        done = subprocess.run(
            ["mvn", "--batch-mode", "--no-transfer-progress", "--quiet", "--file", app,
             "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies", f"-DoutputDirectory={folder / 'found'}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout)
        found = sorted(path.name for path in (folder / "found").iterdir())
        expected = (
            "annotations",
            "jna",
            "kotlin-stdlib",
            "kotlinx-coroutines-core-jvm",
            "lipia-android",
        )
        self.assertEqual(
            [re.sub(r"-[\d.]+\.(aar|jar)$", "", name) for name in found], list(expected)
        )
        self.assertEqual([name for name in found if name.endswith(".aar")], [found[1], found[4]])
        with zipfile.ZipFile(folder / "found" / found[1]) as jna:
            for abi in ABIS:
                library = read(jna.read(f"jni/{abi.name}/libjnidispatch.so"))
                self.assertEqual((library.machine, library.bits), (abi.machine, abi.bits))
                self.assertGreaterEqual(min(library.load_alignments), PAGE, abi.name)


class Workflow(unittest.TestCase):
    def setUp(self) -> None:
        self.text = WORKFLOW.read_text("utf-8")

    def test_runs_scripts_that_are_there(self) -> None:
        named = set(re.findall(r"(?:\.ci|bindings-mobile)/[\w./-]*\w", self.text))
        self.assertGreater(len(named), 10)
        for name in named - {
            "bindings-mobile/kotlin/target/native",
            "bindings-mobile/kotlin/target",
        }:
            self.assertTrue((ROOT / name).exists(), name)

    def test_builds_for_every_phone_and_every_machine(self) -> None:
        for abi in ABIS:
            self.assertIn(abi.target, self.text)
        for target in small_libraries.TRIPLES:
            self.assertIn(target, self.text)
        for platform in release_contents.JVM:
            self.assertIn(f"platform: {platform}\n", self.text)

    def test_asks_scripts_for_what_they_know(self) -> None:
        for script in ("build-aar", "build-xcframework"):
            known = run_script(script, "--help").stdout
            for line in re.sub(r"\\\n\s*", " ", self.text).splitlines():
                if f"scripts/{script} " in line:
                    for option in re.findall(r" (--[\w-]+)", line):
                        self.assertIn(option, known, f"{script} {option}")
            self.assertTrue((SCRIPTS / script).stat().st_mode & 0o100, f"{script} is not a program")


if __name__ == "__main__":
    unittest.main()
