"""A page for each result code and each error code, with a title that somebody would search for."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from pymdownx.slugs import slugify
from repository import REPOSITORY

#: What `lipia explain --json` says of every code, one JSON object a line: `.ci/docs-site` makes the file.
CODES = Path(os.environ["LIPIA_DOCS_CODES"])
GATEWAYS = {
    "daraja": "Daraja",
    "palpluss": "PalPluss",
    "upesipay": "UpesiPay",
    "payhero": "PayHero",
}


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
