"""The pages of the site that do not stand in docs/, and links that work on GitHub and on the site alike.

A hook of MkDocs (`hooks` in mkdocs.yml). Documents outside docs/ become pages below site/; README.md is the first page. Each result code and
each error code becomes a page with a title that somebody would search for, made from `lipia explain --json` by `.ci/docs-site`. A link of a
document is resolved in the repository: to the site's page where there is one, else to the file on GitHub. A link to a file that does not
exist stops the build.
"""

from __future__ import annotations

import json
import logging
import os
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

REPOSITORY = Path(__file__).resolve().parent.parent
ON_GITHUB = "https://github.com/lipia/lipia"
#: What `lipia explain --json` says of every code, one JSON object a line: `.ci/docs-site` makes the file.
CODES = Path(os.environ["LIPIA_DOCS_CODES"])
log = logging.getLogger("mkdocs.hooks.pages")

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
#: How much a page counts in the search, by how its path begins: first of all comes what somebody in trouble looks for.
WEIGHTS = [
    ("troubleshooting", 4),
    ("codes/lipia/", 0.5),
    ("codes/", 2),
    ("go-live", 2),
    ("site/", 0.5),
    ("decisions/", 0.5),
    ("api/", 0.2),
]
LANGUAGES = {"python": "Python", "js": "Node", "rust": "Rust", "kotlin": "Kotlin", "swift": "Swift"}
GATEWAYS = {
    "daraja": "Daraja",
    "palpluss": "PalPluss",
    "upesipay": "UpesiPay",
    "payhero": "PayHero",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for document, page in PAGE_OF.items():
        text = (REPOSITORY / document).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    for page, text in [("shop.md", shop()), *code_pages(), *api_pages()]:
        files.append(File.generated(config, page, content=text))
    for file in list(files):
        if file.src_uri.startswith("decisions/0"):
            file.inclusion = type(file.inclusion).NOT_IN_NAV
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    weight = next((weight for start, weight in WEIGHTS if page.file.src_uri.startswith(start)), 1)
    page.meta.setdefault("search", {})["boost"] = weight
    markdown = outside_of_code(markdown, with_gaps)
    if page.file.src_uri == "errors.md":
        markdown = with_links_to_codes(markdown)
    return outside_of_code(markdown, lambda text: with_links(text, page, files))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    # GitHub wants a bar in a cell's code escaped; Python's Markdown shows the backslash.
    html = re.sub(
        r"<td>.*?</td>", lambda cell: cell.group().replace("\\|", "|"), html, flags=re.DOTALL
    )
    if page.file.src_uri == "api/python.md":
        # Docstrings have Sphinx's roles and its mark for a block of code, which Markdown does not know.
        html = re.sub(r":(?:class|meth|func|attr|exc|mod|data):<code>[~.]?", "<code>", html)
        html = re.sub(r"<p>::</p>", "", html).replace("::</p>", ":</p>")
    return html


# --- Links -----------------------------------------------------------------------------------------------------------------------

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


# --- What GitHub's Markdown takes and Python's does not ---------------------------------------------------------------------------

FENCE = re.compile(r"^ *(`{3,}|~{3,})")
ITEM = re.compile(r"^ *([-*+]|\d+\.) ")


def outside_of_code(markdown: str, change: Callable[[str], str]) -> str:
    """The Markdown with everything changed that does not stand in a block of code."""
    done: list[str] = []
    pending: list[str] = []
    fence, is_rust = "", False
    for line in markdown.split("\n"):
        mark = FENCE.match(line)
        if not fence and mark:
            done.append(change("\n".join(pending)) if pending else "")
            pending, fence = [], mark.group(1)
            if not done[-1]:
                done.pop()
            # Words for rustdoc after the language, and lines that it hides, are nothing to a reader.
            is_rust = line.strip(" `~").startswith("rust")
            done.append(re.sub(r"([`~]\w+)[ ,].*", r"\1", line))
        elif fence:
            if not (is_rust and re.match(r"# ?(?!\[|!)", line)):
                done.append(line)
            if mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        else:
            pending.append(line)
    if pending:
        done.append(change("\n".join(pending)))
    return "\n".join(done)


def with_gaps(text: str) -> str:
    """Text whose lists and tables begin after an empty line, as Python's Markdown wants, and nested ones with four spaces."""
    text = text.replace("<details>", '<details markdown="1">')
    lines: list[str] = []
    in_list = False
    for line in text.split("\n"):
        is_item, is_row = bool(ITEM.match(line)), line.lstrip().startswith("|")
        before = lines[-1] if lines else ""
        if before.strip() and not before.startswith("#"):
            begins_list = is_item and not in_list
            begins_table = is_row and not before.lstrip().startswith("|")
            if begins_list or begins_table:
                lines.append("")
        if is_item:
            in_list = True
        elif line.strip() and not line.startswith(" ") and not before.strip():
            in_list = False
        if in_list and (indent := re.match(r"^( {2,3})(?! )", line)):
            line = "    " + line[len(indent.group(1)) :]
        lines.append(line)
    return "\n".join(lines)


# --- The same shop in five languages -----------------------------------------------------------------------------------------------


def blocks(document: str, section: str) -> dict[str, str]:
    """The first block of code of each language in a section of a document."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    part = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if part is None:
        raise ValueError(f"{document} has no section {section}")
    found: dict[str, str] = {}
    for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", part[1], re.MULTILINE | re.DOTALL):
        found.setdefault(language, code)
    return found


def tabs(found: dict[str, str]) -> Iterator[str]:
    for language, code in found.items():
        yield f'=== "{LANGUAGES[language]}"\n'
        yield f"    ```{language}"
        yield from (f"    {line}".rstrip() for line in code.splitlines())
        yield "    ```\n"


def shop() -> str:
    programs = blocks("README.md", "Use it")
    if list(programs) != list(LANGUAGES):
        raise ValueError(f"README.md has programs in {', '.join(programs)}")
    handlers = blocks("docs/callbacks.md", "One handler")
    return "\n".join(
        [
            "# The same shop in five languages",
            "",
            "One prompt for one order, in each language. The programs are those of the [first page](../README.md), and tests run them",
            "as they stand. The settings come from the environment: [all variables](command-line.md#credentials).",
            "",
            *tabs(programs),
            "Kotlin and Swift are for a till: a phone has no address that a gateway can call, so the program waits for the outcome.",
            "",
            "## One handler of callbacks",
            "",
            "What is checked, and how a server answers: [callbacks](callbacks.md).",
            "",
            *tabs(handlers),
            "## Further",
            "",
            "[Python](python.md) · [Django](django.md) · [Node](node.md) · [Rust](rust.md) · [Kotlin and Swift](mobile.md) ·",
            "[API references](api/index.md) · [going live](go-live.md) · [troubleshooting](troubleshooting.md)",
            "",
        ]
    )


# --- A page for each code ----------------------------------------------------------------------------------------------------------


def codes() -> list[dict]:
    """What `lipia explain` says of each code, in the order of docs/errors.md."""
    return [json.loads(line) for line in CODES.read_text(encoding="utf-8").splitlines()]


def messages() -> dict[str, list[str]]:
    """The sentences that gateways were seen to send with a code: what people search for. docs/wire/ says where they are from."""
    return json.loads((Path(__file__).parent / "messages.json").read_text(encoding="utf-8"))


def folder_of(meaning: dict) -> str | None:
    """The folder of the pages of a list; `None` for words that have no page of their own."""
    if meaning["is"] == "gateway_code":
        return meaning["gateway"]
    return {"result_code": "result", "error_code": "lipia"}.get(meaning["is"])


def page_of(meaning: dict) -> str:
    return f"codes/{folder_of(meaning)}/{meaning['word']}.md"


def in_words(word: str) -> str:
    return re.sub(r"\bpin\b", "PIN", word.replace("_", " "))


def title_of(meaning: dict, said: list[str]) -> str:
    # One code alone has meanings that have nothing to do with each other.
    word, what = meaning["word"], ", ".join(said[: 2 if meaning["word"] == "500.001.1001" else 1])
    match meaning["is"]:
        case "result_code":
            return f"M-Pesa result code {word}: {what or in_words(meaning['outcome'])}"
        case "error_code":
            return f"Lipia error {word}"
        case _:
            return (
                f"{GATEWAYS[meaning['gateway']]} error {word}: {what or in_words(meaning['kind'])}"
            )


def code_pages() -> Iterator[tuple[str, str]]:
    said_of = messages()
    pages: dict[str, list[dict]] = {}
    for explained in codes():
        for meaning in explained["meanings"]:
            if folder_of(meaning):
                pages.setdefault(page_of(meaning), []).append(meaning)
    listed: dict[str, list[str]] = {}
    for page, meanings in pages.items():
        said = said_of.get(meanings[0]["word"], []) if meanings[0]["is"] != "error_code" else []
        title = title_of(meanings[0], said)
        others = [
            other
            for other in pages
            if other != page and posixpath.basename(other) == posixpath.basename(page)
        ]
        yield page, code_page(title, meanings, said, [(other, pages[other][0]) for other in others])
        folder = folder_of(meanings[0]) or ""
        listed.setdefault(folder, []).append(f"- [{title}]({page.removeprefix('codes/')})")
    yield "codes/index.md", code_index(listed)


def code_page(
    title: str, meanings: list[dict], said: list[str], others: list[tuple[str, dict]]
) -> str:
    first = meanings[0]
    word = first["word"]
    lines = [
        "---",
        f"description: {json.dumps(first['meaning'])}",
        "---",
        f"# {title}",
        "",
    ]
    if said:
        lines += ["What the gateway says with it: " + " · ".join(f"“{text}”" for text in said), ""]
    for meaning in meanings:
        when = [f"at the step {meaning['step']}"] if meaning["step"] else []
        when += [f"with “{meaning['says']}”"] if meaning["says"] else []
        if len(meanings) > 1:
            lines += ["## " + (", ".join(when).capitalize() or "Otherwise"), ""]
        elif when:
            lines += [f"It means this {', '.join(when)}.", ""]
        lines += [
            f"**Meaning.** {meaning['meaning']}",
            "",
            f"**What to do.** {meaning['advice']}",
            "",
        ]
        if meaning["customer_message_en"]:
            lines += [
                f"**To the customer.** {meaning['customer_message_en']}",
                "",
                f"**Kwa mteja.** {meaning['customer_message_sw']}",
                "",
            ]
        facts = [
            ("outcome", meaning["outcome"]),
            ("kind", meaning["kind"]),
            ("disposition", meaning["disposition"]),
            ("how sure", meaning["confidence"]),
        ]
        shown = [f"{name} `{value}`" for name, value in facts if value]
        if shown:
            lines += [" · ".join(shown), ""]
    lines += ["```sh", f"lipia explain {word}", "```", ""]
    for heading in troubles():
        if word in re.split(r"[^\w.]+", heading):
            lines += [
                f"In what order to look: [{heading}](../../troubleshooting.md#{slug_of(heading)}).",
                "",
            ]
    for other, meaning in others:
        where = posixpath.relpath(other, posixpath.dirname(page_of(first)))
        lines += [f"The same word elsewhere: [{title_of(meaning, [])}]({where}).", ""]
    lines += [
        "[Every code](../index.md) · [errors](../../errors.md) · [troubleshooting](../../troubleshooting.md)",
        "",
    ]
    is_darajas = first["gateway"] == "daraja" and word[0].isdigit()
    if first["is"] == "result_code" or is_darajas:
        # People write M-Pesa in one word, and the search compares words.
        member = "errorCode" if is_darajas else "ResultCode"
        lines += [f"Also written: mpesa {word}, mpesa error {word}, {member} {word}.", ""]
    return "\n".join(lines)


def troubles() -> list[str]:
    """The headings of docs/troubleshooting.md, without their backticks."""
    text = (REPOSITORY / "docs/troubleshooting.md").read_text(encoding="utf-8")
    return [heading.replace("`", "") for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)]


def slug_of(heading: str) -> str:
    return slugify(case="lower")(heading, "-")


def code_index(listed: dict[str, list[str]]) -> str:
    titles = {"result": "M-Pesa's result codes", "lipia": "Lipia's error codes", **GATEWAYS}
    lines = [
        "# Every code",
        "",
        "A page for each code, as `lipia explain CODE` tells it. A result code that is not here is `unknown`: neither paid nor failed.",
        "",
    ]
    for folder in ["result", "daraja", "palpluss", "upesipay", "lipia"]:
        title = (
            titles[folder] if folder in ("result", "lipia") else f"Error codes of {titles[folder]}"
        )
        lines += [f"## {title}", "", *listed[folder], ""]
        if folder == "upesipay":
            lines += ["PayHero speaks UpesiPay's interface, and has the same codes.", ""]
    return "\n".join(lines)


def with_links_to_codes(markdown: str) -> str:
    """docs/errors.md, whose codes link to their pages."""
    page_by = {
        (folder_of(meaning), meaning["word"]): page_of(meaning)
        for explained in codes()
        for meaning in explained["meanings"]
        if folder_of(meaning)
    }
    folder, lines = None, []
    for line in markdown.split("\n"):
        if heading := re.match(r"^(##+) (.*)", line):
            level, name = heading.groups()
            if level == "##":
                folder = {"M-Pesa's result codes": "result", "Lipia's error codes": "lipia"}.get(
                    name
                )
            elif name in GATEWAYS:
                folder = name
        elif (row := re.match(r"^\| `([^`]+)` \|", line)) and (
            page := page_by.get((folder, row[1]))
        ):
            line = line.replace(f"`{row[1]}`", f"[`{row[1]}`]({page})", 1)
        lines.append(line)
    return "\n".join(lines)


# --- API references ----------------------------------------------------------------------------------------------------------------

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
