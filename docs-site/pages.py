"""The pages of the site that do not stand in docs/, and links that work on GitHub and on the site alike.

A hook of MkDocs (`hooks` in mkdocs.yml). Documents outside docs/ become pages below site/; README.md is the first page. Each result code and
each error code becomes a page with a title that somebody would search for, made from `lipia explain --json` by `.ci/docs-site`. A link of a
document is resolved in the repository: to the site's page where there is one, else to the file on GitHub. A link to a file that does not
exist stops the build.
"""

from __future__ import annotations

import re

from api_pages import api_pages
from code_pages import code_pages, with_links_to_codes
from github_markdown import outside_of_code, with_gaps
from links import with_links
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from repository import PAGE_OF, REPOSITORY
from shop_page import shop

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
