"""Makes the pages of DocC fit for any folder of any site: `swift_pages.py FOLDER`.

DocC writes addresses that begin at the root of a host. They become relative, as those of the other pages of the site are: nobody knows
yet where the site will be, and check.py can look at them. Each page gets its title, which DocC leaves to its script.
"""

from __future__ import annotations

import json
import re
import sys
from html import escape
from pathlib import Path

#: The page of a reader who takes the folder's own address.
FIRST = "documentation/lipia/"


def relative(html: str, depth: int) -> str:
    """A page of DocC with addresses that are relative to a page that many folders below."""
    up = "../" * depth
    html, addresses = re.subn(r'(href|src)="/(?!/)', rf'\1="{up or "./"}', html)
    html, bases = re.subn(
        r'var baseUrl = "/"',
        f'var baseUrl = new URL("{up or "./"}", document.baseURI).pathname',
        html,
    )
    if not addresses or bases != 1:
        raise ValueError("DocC's pages are not what they were: see relative() in swift_pages.py.")
    return html


def main(site: Path) -> None:
    for page in sorted(site.rglob("*.html")):
        folder = page.parent.relative_to(site)
        html = relative(page.read_text(encoding="utf-8"), len(folder.parts))
        if folder.parts:
            data = json.loads((site / "data" / f"{folder}.json").read_text(encoding="utf-8"))
            title = escape(data["metadata"]["title"])
            html = html.replace(
                "<title>Documentation</title>", f"<title>{title} | Lipia for Swift</title>"
            )
        page.write_text(html, encoding="utf-8")
    # Each page asks for it.
    (site / "theme-settings.json").write_text("{}\n", encoding="utf-8")
    (site / "index.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Lipia for Swift</title>'
        f'<meta http-equiv="refresh" content="0; url={FIRST}"><a href="{FIRST}">Lipia for Swift</a></html>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
