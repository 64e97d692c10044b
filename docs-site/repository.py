"""Where the documents stand: in the repository, and on the site."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ON_GITHUB = "https://github.com/lipia/lipia"
#: Documents outside docs/ that are pages of the site.
ELSEWHERE = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "bench/README.md",
    "bench/RESULTS.md",
    "bindings-mobile/kotlin/README.md",
    "bindings-mobile/swift/README.md",
    "bindings-node/README.md",
    "bindings-python/README.md",
    "examples/django/README.md",
    "examples/express/README.md",
    "examples/fastapi/README.md",
    "examples/python-lmdb-store/README.md",
    "sandbox/README.md",
    "simulation/README.md",
    "storm/README.md",
]
#: The page of each document, by its path in the repository.
PAGE_OF = {"README.md": "index.md", **{path: f"site/{path}" for path in ELSEWHERE}}
DOCUMENT_OF = {page: path for path, page in PAGE_OF.items()}
