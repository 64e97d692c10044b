"""The pages that lead to the API references, and the one of Python."""

from __future__ import annotations

import os
from collections.abc import Iterator

PYTHON_MODULES = [
    "lipia",
    "lipia.fastapi",
    "lipia.starlette",
    "lipia.flask",
    "lipia.django",
    "lipia.django.models",
    "lipia.ledger",
    "lipia.testing",
]

#: References that are not made, by their languages in lower case: `.ci/docs-site` says how.
LEFT_OUT = os.environ.get("LIPIA_DOCS_WITHOUT", "").split()


def api_pages() -> Iterator[tuple[str, str]]:
    rows = [("Python", "[Python's API](python.md)", "mkdocstrings, from the package's source")]
    for language, folder, tool in [
        (
            "Node",
            "node/index.html",
            "TypeDoc, from the package's TypeScript; its module `index` is `lipia`, and `express` is `lipia/express`",
        ),
        ("Rust", "rust/lipia/index.html", "rustdoc, from the crate `lipia`"),
        (
            "Kotlin",
            "kotlin/index.html",
            "Dokka, from the library's Kotlin; `dev.lipia.java` is the client for Java, `dev.lipia.testing` the artifact `testing`",
        ),
        (
            "Swift",
            "swift/documentation/lipia/",
            'DocC, from the module `Lipia`; beside it <a href="swift/documentation/lipiatesting/">LipiaTesting</a>',
        ),
    ]:
        if language.lower() in LEFT_OUT:
            rows.append((language, "left out when this site was built", tool.partition(";")[0]))
            continue
        # HTML, because MkDocs knows nothing of these pages; check.py looks whether they are there.
        rows.append((language, f'<a href="{folder}">{language}\'s API</a>', tool))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    yield (
        "api/index.md",
        f"# API references\n\nEach is made by the language's own tool.\n\n| language | reference | made by |\n|---|---|---|\n{table}\n",
    )
    modules = "\n\n".join(f"::: {module}" for module in PYTHON_MODULES)
    yield (
        "api/python.md",
        f"# Python's API\n\nThe guide is [elsewhere](../python.md).\n\n{modules}\n",
    )
