"""The pages that lead to the API references, and the one of Python."""

from __future__ import annotations

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


def api_pages() -> Iterator[tuple[str, str]]:
    rows = [("Python", "[Python's API](python.md)", "mkdocstrings, from the package's source")]
    for language, folder, tool in [
        (
            "Node",
            "node/index.html",
            "TypeDoc, from the package's TypeScript; its module `index` is `lipia`, and `express` is `lipia/express`",
        ),
        ("Rust", "rust/lipia/index.html", "rustdoc, from the crate `lipia`"),
    ]:
        # HTML, because MkDocs knows nothing of these pages; check.py looks whether they are there.
        rows.append((language, f'<a href="{folder}">{language}\'s API</a>', tool))
    for language, folder in [("Kotlin", "kotlin"), ("Swift", "swift")]:
        why = "not made yet: its data types are generated from the native library when the package is built"
        rows.append(
            (
                language,
                why,
                f"until then: [the package's page](../../bindings-mobile/{folder}/README.md)",
            )
        )
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
