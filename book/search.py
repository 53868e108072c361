"""The site's search: an index with an entry per section, and the page that searches it.

Sphinx's own index is by page and knows Vietnamese neither with nor without marks.  Ours is
read from the pages as they were written, so its anchors, numbers and outputs are those
that a reader meets, and a rebuild of one page still has every page.  `_static/search.js`
folds the marks and ranks; `searchindex.js` is a script, since `fetch` fails on file://.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Comment, NavigableString

from .site import for_site, spoken, write_if_changed

WORDS = {
    "en": {
        "title": "Search", "label": "Words to look for", "go": "Search",
        "empty": "Type one or more words.",
        "none": "Nothing found for “{query}”. Try fewer or other words.",
        "one": "1 result for “{query}”.", "many": "{count} results for “{query}”.",
        "first": "{count} results for “{query}”; here are the first {shown}.",
        "near": "No section has just these words. {count} with words like them:",
        "some": "No section has all of the words “{query}”. {count} with some of them:",
        "script": "The search needs JavaScript. The side bar lists every page.",
    },
    "vi": {
        "title": "Tìm kiếm", "label": "Từ cần tìm", "go": "Tìm",
        "empty": "Hãy gõ một hoặc nhiều từ, có dấu hay không dấu đều được.",
        "none": "Không tìm thấy gì cho “{query}”. Hãy thử ít từ hơn, hoặc từ khác.",
        "one": "1 kết quả cho “{query}”.", "many": "{count} kết quả cho “{query}”.",
        "first": "{count} kết quả cho “{query}”; dưới đây là {shown} kết quả đầu.",
        "near": "Không phần nào có đúng các từ này. {count} phần có từ gần giống:",
        "some": "Không phần nào có đủ các từ “{query}”. {count} phần có một số từ:",
        "script": "Chức năng tìm kiếm cần JavaScript. Thanh bên liệt kê mọi trang.",
    },
}
HEADING = re.compile("h[1-6]$")
INLINE = {"a", "abbr", "b", "cite", "code", "em", "i", "kbd", "mark", "span", "strong",
          "sub", "sup"}
# What is not the page's text: controls, drawings, and other pages' titles.
# Where a page ran is the same on all of them.
SKIPPED = ("script, style, svg, math, noscript, nav, a.headerlink, [role=tablist], .tabcells-only, "
           ".section-number, .toctree-wrapper, details.hide > summary, .provenance")
_SOURCE = Path(__file__).read_text("utf-8")  # other code may find other entries
SPHINX_FILES = ("searchtools.js", "language_data.js", "sphinx_highlight.js", "translations.js")


def page_entries(html, page) -> list[dict[str, Any]]:
    """The sections of one written page, in reading order.

    :param page: the page's address from the site's root
    :returns: a list of ``{page, anchor, title, crumbs, parts}``; ``parts`` is the section's
        own text in pieces ``[tab, kind, text]``: ``tab`` is "" for what every reader sees,
        ``kind`` is "prose" or "code" (outputs too); ``tab`` is there as well where the
        heading stands in a tab
    """
    body = BeautifulSoup(html, "html.parser").find(attrs={"role": "main"})
    entries = []
    if body is not None:
        for part in body.select(SKIPPED):
            part.decompose()
        _walk(body, None, ("", "prose"), page, entries)
    return [_tidied(entry) for entry in entries]


def _walk(node, entry, kind, page, entries) -> None:
    """Give each text under ``node``, of kind (tab, kind), to the entry of the heading above."""
    for child in node.children:
        if isinstance(child, NavigableString):
            if entry and not isinstance(child, Comment):
                entry["parts"].append((kind, str(child)))
            continue
        if child.name == "section":
            _walk(child, _new(child, entry, kind, page, entries), kind, page, entries)
        elif _is_heading(child) and child.get("id"):  # in a tab, with no section of its own
            entry = _new(child, _outer(entry), kind, page, entries)
            entry["title"] = child.get_text()
        elif _is_heading(child) and entry and not entry["title"]:
            entry["title"] = child.get_text()
        else:
            inner = (child.get("data-tab", kind[0]),
                     "code" if child.name == "pre" else kind[1])
            if child.get("id") and "fold-start" in child.get("class", ()):
                entry["anchor"] = child["id"]  # a link to it opens the fold
            _walk(child, entry, inner, page, entries)
        if entry and child.name not in INLINE:
            entry["parts"].append((kind, " "))


def _is_heading(node) -> bool:
    return bool(HEADING.match(node.name)) or "rubric" in node.get("class", ())


def _new(node, parent, kind, page, entries) -> dict[str, Any]:
    entry = {"page": page, "anchor": node["id"], "title": "", "parts": [], "parent": parent}
    if kind[0]:
        entry["tab"] = kind[0]
    entries.append(entry)
    return entry


def _outer(entry) -> dict[str, Any] | None:
    """The section around: one heading in a tab does not hold the next."""
    return entry["parent"] if entry and "tab" in entry else entry


def _tidied(entry) -> dict[str, Any]:
    parts = []
    for kind, text in entry["parts"]:
        if parts and (parts[-1][0] == kind or not text.strip()):
            parts[-1][1] += text
        elif text.strip():
            parts.append([kind, text])
    crumbs, parent = [], entry["parent"]
    while parent:
        crumbs.insert(0, _spaced(parent["title"]))
        parent = parent["parent"]
    return {**{key: value for key, value in entry.items() if key != "parent"},
            "title": _spaced(entry["title"]), "crumbs": crumbs,
            "parts": [[*kind, _spaced(text)] for kind, text in parts]}


def _spaced(text) -> str:
    return " ".join(text.split())


def replace_sphinx_search(app) -> None:
    if for_site(app.builder):
        app.builder.search = False


def search_page(app) -> Iterator[tuple[str, dict[str, Any], str]]:
    if for_site(app.builder):
        words = WORDS[spoken(app.config.language)]
        yield "search", {"title": words["title"], "words": words}, "search.html"


def _entries(app) -> list[dict[str, Any]]:
    """The entries of all pages.  A page whose text is as it was keeps its own: parsing every
    page again would take longer than the rest of a build in which nothing changed.
    """
    file = Path(app.doctreedir, "search-entries.json")
    try:
        known = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    current = {}
    for docname in sorted(app.env.found_docs):
        if _is_left_out(app.env.metadata[docname]):
            continue
        html = Path(app.builder.get_outfilename(docname)).read_text("utf-8")
        uri = app.builder.get_target_uri(docname)
        key = hashlib.sha256(f"{_SOURCE}{uri}\0{html}".encode()).hexdigest()
        current[key] = known[key] if key in known else page_entries(html, uri)
    if current != known:
        file.write_text(json.dumps(current, ensure_ascii=False), "utf-8")
    return [entry for entries in current.values() for entry in entries]


def _is_left_out(metadata) -> bool:
    """Whether a page's front matter says so, by either of Sphinx's names for it."""
    return any(str(metadata.get(name, False)).lower() != "false"
               for name in ("nosearch", "no-search"))


def write_index(app, exception) -> None:
    """Write `searchindex.js`, unless it is the same; remove what only Sphinx's search used."""
    if exception or not for_site(app.builder):
        return
    tabs = {key: tab["label"] for key, tab in app.config.tabcells_tabs.items()}
    text = json.dumps({"tabs": tabs, "entries": _entries(app)}, ensure_ascii=False)
    write_if_changed(Path(app.outdir, "searchindex.js"), f"window.bookSearch = {text};\n")
    for name in SPHINX_FILES:
        Path(app.outdir, "_static", name).unlink(missing_ok=True)


def setup(app) -> None:
    app.connect("builder-inited", replace_sphinx_search)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write_index)
