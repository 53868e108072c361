"""The site's search: an index with an entry per section, and the page that searches it.

Sphinx's own index is by page and knows Vietnamese neither with nor without marks.  Ours is
read from the pages as they were written, so its anchors, numbers and outputs are those
that a reader meets, and a rebuild of one page still has every page.  `_static/words.js` says
what a word is, `_static/sections.js` which sections hold it; `synonyms.tsv` is written into the
index.  `searchindex.js` is a script, since `fetch` fails on file://.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Comment, NavigableString

from . import synonyms
from .site import for_site, spoken, write_if_changed

WORDS = {
    "en": {
        "title": "Search", "label": "Words to look for", "go": "Search",
        "empty": "Type one or more words.",
        "none": "Nothing found for “{query}”. Try fewer or other words.",
        "one": "1 result for “{query}”.", "many": "{count} results for “{query}”.",
        "first": "{count} results for “{query}”; here are the first {most}.",
        "also": "Looked for too: {names}.", "quote": "“{}”",
        "near": "No section has {missing}. {count} with {instead}:",
        "close": "No section has these words side by side. {count} with them close together:",
        "some": "No section has all of the words “{query}”. {count} with some of them:",
        "script": "The search needs JavaScript. The side bar lists every page.",
    },
    "vi": {
        "title": "Tìm kiếm", "label": "Từ cần tìm", "go": "Tìm",
        "empty": "Hãy gõ một hoặc nhiều từ, có dấu hay không dấu đều được.",
        "none": "Không tìm thấy gì cho “{query}”. Hãy thử ít từ hơn, hoặc từ khác.",
        "one": "1 kết quả cho “{query}”.", "many": "{count} kết quả cho “{query}”.",
        "first": "{count} kết quả cho “{query}”; dưới đây là {most} kết quả đầu.",
        "also": "Tìm cả: {names}.", "quote": "“{}”",
        "near": "Không phần nào có {missing}. {count} phần có {instead}:",
        "close": "Không phần nào có các từ này đứng liền nhau. {count} phần có chúng ở gần nhau:",
        "some": "Không phần nào có đủ các từ “{query}”. {count} phần có một số từ:",
        "script": "Chức năng tìm kiếm cần JavaScript. Thanh bên liệt kê mọi trang.",
    },
}
HEADING = re.compile("h[1-6]$")
CELLS = {"td", "th"}
INLINE = {"a", "abbr", "b", "cite", "code", "em", "i", "kbd", "mark", "span", "strong",
          "sub", "sup"}
# What is not the page's text: controls, drawings, and other pages' titles.
# Where a page ran is the same on all of them, and so is what the box at its beginning is called.
SKIPPED = ("script, style, svg, noscript, nav, button, input, label, output, select, "
           "a.headerlink, [role=tablist], .tabcells-only, .tabcells-switch, .cited-in, "
           ".guess ul, .toctree-wrapper, details.hide > summary, .provenance, "
           ".tip > .admonition-title")
# Numbers, models, a link that stands alone: found like code, and what prose says comes first.
OUTPUT = ".cell_output table, .cell_output p:has(> a:only-child), .evidence"
_SMALL = {"_": str.maketrans("0123456789+-=()aeijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"),
          "^": str.maketrans("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")}
_SOURCE = Path(__file__).read_text("utf-8")  # other code may find other entries
SPHINX_FILES = ("searchtools.js", "language_data.js", "sphinx_highlight.js", "translations.js")


def page_entries(html, page) -> list[dict[str, Any]]:
    """The sections of one written page, in reading order.

    :param page: the page's address from the site's root
    :returns: a list of ``{page, anchor, number, title, crumbs, parts}``; ``number`` is that of
        the section or of the one around it, and absent where there is none; ``parts`` is the
        section's own text in pieces ``[tab, kind, text]``: ``tab`` is "" for what every reader
        sees, ``kind`` is "prose" or "code" (outputs too); ``terms`` are the words that its
        prose emphasizes, since there a term is introduced, and ``tab`` is there as well where
        the heading stands in a tab
    """
    body = BeautifulSoup(html, "html.parser").find(attrs={"role": "main"})
    entries = []
    if body is not None:
        for part in body.select(SKIPPED):
            part.decompose()
        for formula in body.select("math"):
            formula.replace_with(plain(str(formula.get("alttext", ""))))
        for numbers in body.select(OUTPUT):
            numbers["data-kind"] = "code"
        for cited in body.select(".bibtex-citation em, .cell_output em"):
            cited.unwrap()
        _walk(body, None, ("", "prose"), page, entries)
    return [_tidied(entry) for entry in entries]


def plain(latex) -> str:
    """A formula as a line of text, "T₁₂" for ``T_{12}``; what has no such signs stays LaTeX."""
    def small(match) -> str:
        text = (match[2] or match[3]).translate(_SMALL[match[1]])
        return match[0] if re.search(r"[ -~]", text) else text
    return re.sub(r"([_^])(?:\{([^{}]+)\}|(\w))", small, latex)


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
            _name(entry, child)
        elif _is_heading(child) and entry and not entry["title"]:
            _name(entry, child)
        else:
            if entry and child.name == "em" and kind[1] == "prose":
                entry.setdefault("terms", []).append(_spaced(child.get_text()))
            inner = (child.get("data-tab", kind[0]),
                     "code" if child.name == "pre" else child.get("data-kind", kind[1]))
            if child.get("id") and "fold-start" in child.get("class", ()):
                entry["anchor"] = child["id"]  # a link to it opens the fold
            _walk(child, entry, inner, page, entries)
        if entry and child.name not in INLINE:
            entry["parts"].append((kind, " · " if child.name in CELLS else " "))


def _name(entry, heading) -> None:
    if number := heading.select_one(".section-number"):
        entry["number"] = number.extract().get_text().strip(". \xa0")
    entry["title"] = heading.get_text()


def _is_heading(node) -> bool:
    return bool(HEADING.match(node.name)) or "rubric" in node.get("class", ())


def _new(node, parent, kind, page, entries) -> dict[str, Any]:
    entry = {"page": page, "anchor": node["id"], "title": "", "parts": [], "parent": parent}
    if parent and "number" in parent:
        entry["number"] = parent["number"]
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
            "parts": [[*kind, text] for kind, raw in parts if (text := _between(raw))]}


def _between(text) -> str:
    """The text with a dot between cells: none around empty ones, nor at its ends."""
    return re.sub(r"( ·)+", " ·", _spaced(text)).strip(" ·")


def _spaced(text) -> str:
    return " ".join(text.split())


def prepare(app) -> None:
    """Leave Sphinx's search out, and stop where `synonyms.tsv` is wrong, before any cell runs."""
    if for_site(app.builder):
        app.builder.search = False
        app.book_synonyms = [row.names for row in synonyms.load(Path(app.confdir, synonyms.FILE))]


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
    text = json.dumps({"tabs": tabs, "synonyms": app.book_synonyms, "entries": _entries(app)},
                      ensure_ascii=False)
    write_if_changed(Path(app.outdir, "searchindex.js"), f"window.bookSearch = {text};\n")
    for name in SPHINX_FILES:
        Path(app.outdir, "_static", name).unlink(missing_ok=True)


def setup(app) -> None:
    app.connect("builder-inited", prepare)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write_index)
