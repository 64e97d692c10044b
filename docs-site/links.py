"""Links of documents, which work on GitHub and on the site alike."""

from __future__ import annotations

import logging
import posixpath
import re

from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from repository import DOCUMENT_OF, ON_GITHUB, PAGE_OF, REPOSITORY

log = logging.getLogger("mkdocs.hooks.links")

LINK = re.compile(r"(\]\()([^)\s]+)(\))")


def with_links(text: str, page: Page, files: Files) -> str:
    """The text with each relative link resolved for the site."""
    source = page.file.src_uri
    document = DOCUMENT_OF.get(source, f"docs/{source}")

    def resolved(match: re.Match[str]) -> str:
        opening, target, closing = match.groups()
        path, hash_mark, anchor = target.partition("#")
        if not path or "://" in path or path.startswith("mailto:"):
            return match.group()
        if document == f"docs/{source}" and files.get_file_from_path(
            posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        ):
            return match.group()
        in_repository = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
        of_site = PAGE_OF.get(in_repository)
        if in_repository.startswith("docs/") and files.get_file_from_path(in_repository[5:]):
            of_site = in_repository[5:]
        if of_site:
            here = posixpath.dirname(source) or "."
            return f"{opening}{posixpath.relpath(of_site, here)}{hash_mark}{anchor}{closing}"
        there = REPOSITORY / in_repository
        if not there.exists():
            log.warning("%s links to %s, which does not exist", document, target)
        kind = "tree" if there.is_dir() else "blob"
        return f"{opening}{ON_GITHUB}/{kind}/main/{in_repository}{hash_mark}{anchor}{closing}"

    return LINK.sub(resolved, text)
