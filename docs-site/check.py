"""Whether the built site stands by itself: `check.py FOLDER`.

Everything that a page loads by itself is on the site: a script, a font or a picture from elsewhere would tell somebody who reads what.
Links within the site lead to pages and headings that exist. MkDocs looks at links of Markdown alone, so this looks at what was built.
The references of Kotlin and Swift show nothing of the generated plumbing that apps cannot call.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes whose address a browser fetches by itself.
LOADED = {"src", "srcset", "poster", "data", "background", "xlink:href"}
#: Relations of `<link>` that make a browser fetch something, or connect to somebody.
LOADING_RELATIONS = {
    "stylesheet", "icon", "shortcut", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload",
    "prefetch", "preconnect", "dns-prefetch",
}  # fmt: skip
#: The tools of Node, Rust and Swift make these; links among their pages are their business. Swift's are in data, which is looked at.
OF_TOOLS = ("api/node/", "api/rust/", "api/swift/")
#: The references of libraries whose data types are generated, with the names that scripts hide there.
GENERATED = ("api/kotlin/", "api/swift/")
PLUMBING = re.compile(
    r"\b(?:Native[A-Z]\w*|native[A-Z]\w*|FfiConverter\w*|[Uu]niffi\w*|RustBuffer\w*|NoHandle|LipiaMobile|LipiaFFI)\b"
)
IN_CSS = re.compile(r"""url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)""")


class Reader(HTMLParser):
    """What one page loads, where it links to, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.trouble: list[str] = []
        self._is_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        self.loads += [
            part.split()[0]
            for name in LOADED & set(given)
            for part in given[name].split(",")[:9]
            if part.strip()
        ]
        self.loads += _in_css(given.get("style", ""))
        if tag == "link" and LOADING_RELATIONS & set(given.get("rel", "").lower().split()):
            self.loads.append(given.get("href", ""))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        # The theme's script fetches a drawing tool and GitHub's counts where a page has these.
        if (
            "mermaid" in given.get("class", "").split()
            or given.get("data-md-component") == "source"
        ):
            self.trouble.append(f"<{tag}> makes the theme's script fetch from elsewhere")

    def handle_data(self, data: str) -> None:
        if self._is_style:
            self.loads += _in_css(data)
            self._is_style = False


def _in_css(text: str) -> list[str]:
    return [first or second for first, second in IN_CSS.findall(text)]


def leaves(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme not in ("", "data", "blob")


def in_swift(reference: Path) -> tuple[int, list[str]]:
    """How many links the data of DocC's pages has, and what is wrong with them. A script makes the pages of the data."""
    looked_at, wrong = 0, []
    for path in sorted(reference.glob("data/**/*.json")):
        name = path.relative_to(reference.parent.parent).as_posix()
        for reference_of in json.loads(path.read_text(encoding="utf-8"))["references"].values():
            for variant in reference_of.get("variants", []):
                if leaves(variant["url"]):
                    wrong.append(f"{name} loads {variant['url']}")
            address = reference_of.get("url", "")
            if address.startswith("/"):
                looked_at += 1
                page = urlsplit(address).path.removeprefix("/")
                if not (reference / page / "index.html").exists():
                    wrong.append(f"{name} links to {address}, which does not exist")
    return looked_at, wrong


def plumbing(site: Path) -> list[str]:
    """The names of generated plumbing that references show."""
    found = []
    for folder in GENERATED:
        pages = [*(site / folder).rglob("*.html"), *(site / folder).glob("data/**/*.json")]
        for path in sorted(pages):
            names = sorted(set(PLUMBING.findall(path.read_text(encoding="utf-8"))))
            if names:
                found.append(f"{path.relative_to(site)} shows the plumbing {', '.join(names)}")
    return found


def main(site: Path) -> int:
    pages = {
        path: Reader(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))
    }
    wrong: list[str] = []
    looked_at = 0

    @cache
    def page_at(path: Path) -> Path:
        return path / "index.html" if path.is_dir() else path

    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        wrong += [f"{name}: {trouble}" for trouble in page.trouble]
        wrong += [f"{name} loads {address}" for address in page.loads if leaves(address)]
        if name.startswith(OF_TOOLS) or name == "404.html":
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            looked_at += 1
            there = page_at((path.parent / unquote(parts.path)).resolve()) if parts.path else path
            if not there.exists():
                wrong.append(f"{name} links to {link}, which does not exist")
            elif (
                parts.fragment
                and there in pages
                and unquote(parts.fragment) not in pages[there].anchors | {"__top"}
            ):
                if not there.relative_to(site).as_posix().startswith(OF_TOOLS):
                    wrong.append(f"{name} links to {link}, which has no such heading")
    of_swift, wrong_in_swift = in_swift(site / "api/swift")
    looked_at += of_swift
    wrong += wrong_in_swift + plumbing(site)
    for path in sorted(site.rglob("*.css")):
        loads = _in_css(path.read_text(encoding="utf-8"))
        wrong += [
            f"{path.relative_to(site)} loads {address}" for address in loads if leaves(address)
        ]
    print("\n".join(wrong[:50]), file=sys.stderr, end="\n" if wrong else "")
    print(f"{len(pages)} pages, {looked_at} links within the site, {len(wrong)} wrong")
    return 1 if wrong or looked_at < 1000 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
