"""Metadata of the Android library for Maven and Gradle, from what the Kotlin library says of itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

GROUP = "dev.lipia"
#: Beside `lipia`, which is the same for a server or a desktop: the classes in it are the same, so an app takes one of both.
ARTIFACT = "lipia-android"
_NAMESPACE = "{http://maven.apache.org/POM/4.0.0}"
#: The types of dependencies whose package for Android has other contents than the jar: native libraries for phones.
_TYPES = {"net.java.dev.jna:jna": "aar"}
#: From here on JNA's libraries can be loaded on phones with pages of 16 KB.
_OLDEST_JNA = (5, 17)


class Unfit(ValueError):
    """An error in what the Kotlin library says of itself. Its message is a sentence."""


@dataclass(frozen=True)
class Dependency:
    group: str
    artifact: str
    version: str
    kind: str


@dataclass(frozen=True)
class KotlinLibrary:
    version: str
    #: The description and the address that Maven Central asks for of every artifact.
    description: str
    url: str
    dependencies: tuple[Dependency, ...]


def kotlin_library(pom: Path) -> KotlinLibrary:
    """The Kotlin library as its POM describes it.

    :raises Unfit: if something is missing, or JNA is too old.
    """
    project = ElementTree.fromstring(pom.read_text("utf-8"))
    properties = project.find(f"{_NAMESPACE}properties")
    values = {one.tag.removeprefix(_NAMESPACE): one.text or "" for one in properties or ()}

    def text(element: ElementTree.Element, name: str, default: str | None = None) -> str:
        found = element.findtext(f"{_NAMESPACE}{name}", default)
        if found is None:
            raise Unfit(f"{pom} has no <{name}> where there has to be one.")
        whole = re.sub(r"\$\{([^}]+)\}", lambda match: values.get(match[1], match[0]), found)
        if "${" in whole:
            raise Unfit(f"{pom} says {whole} in <{name}>, and not what that is.")
        return whole.strip()

    found = []
    for one in project.findall(f"{_NAMESPACE}dependencies/{_NAMESPACE}dependency"):
        if text(one, "scope", "compile") not in ("compile", "runtime"):
            continue
        group, artifact = text(one, "groupId"), text(one, "artifactId")
        kind = _TYPES.get(f"{group}:{artifact}", "jar")
        found.append(Dependency(group, artifact, text(one, "version"), kind))
    jna = [one for one in found if one.kind == "aar"]
    if not jna:
        raise Unfit(f"{pom} does not depend on JNA, which the classes call.")
    numbers = tuple(int(part) for part in re.findall(r"\d+", jna[0].version)[:2])
    if numbers < _OLDEST_JNA:
        raise Unfit(
            f"JNA {jna[0].version} is too old: phones with pages of 16 KB need 5.17 or later."
        )
    return KotlinLibrary(
        text(project, "version"), text(project, "description"), text(project, "url"), tuple(found)
    )


def android_pom(library: KotlinLibrary) -> str:
    """The description of the Android library, as it is published beside it."""
    dependencies = "\n".join(
        f"""    <dependency>
      <groupId>{one.group}</groupId>
      <artifactId>{one.artifact}</artifactId>
      <version>{one.version}</version>
      <type>{one.kind}</type>
      <scope>compile</scope>
    </dependency>"""
        for one in library.dependencies
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
  <modelVersion>4.0.0</modelVersion>

  <groupId>{GROUP}</groupId>
  <artifactId>{ARTIFACT}</artifactId>
  <version>{library.version}</version>
  <packaging>aar</packaging>

  <name>Lipia for Android</name>
  <description>{escape(library.description)}</description>
  <url>{library.url}</url>
  <licenses>
    <license>
      <name>Apache-2.0</name>
      <url>https://www.apache.org/licenses/LICENSE-2.0</url>
    </license>
    <license>
      <name>MIT</name>
      <url>https://opensource.org/license/mit</url>
    </license>
  </licenses>
  <developers>
    <developer>
      <name>The Lipia contributors</name>
      <url>https://github.com/lipia</url>
    </developer>
  </developers>
  <scm>
    <url>{library.url}</url>
    <connection>scm:git:{library.url}.git</connection>
  </scm>

  <dependencies>
{dependencies}
  </dependencies>
</project>
"""


def in_repository(artifact: str, version: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files of an artifact as a Maven repository has them, each with its checksums beside it.

    :param files: by the ends of their names, such as ``.pom`` or ``-sources.jar``.
    """
    placed = {}
    for ending, content in files.items():
        name = f"{GROUP.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}{ending}"
        placed[name] = content
        placed[f"{name}.md5"] = hashlib.md5(content, usedforsecurity=False).hexdigest().encode()
        placed[f"{name}.sha1"] = hashlib.sha1(content, usedforsecurity=False).hexdigest().encode()
    return placed
