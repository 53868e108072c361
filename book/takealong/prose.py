"""A rendered page as Markdown blocks and code cells, those of one of its tabs.

Everything is resolved in the HTML that Sphinx made: numbers of figures and sections,
citations, words in the page's language.  So that is what becomes Markdown.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import NamedTuple
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

#: Elements that are walked through: a cell may stand in them, a heading begins a block.
_OPEN = ("section", "details", "summary")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

#: Text that Markdown would take for a mark of its own, wherever it stands ...
_MARKS = re.compile(r"""[$\\*_`~|]         # formulas, escapes, emphasis, code, strike-out, a table
                        |<(?=[A-Za-z/!?])  # a tag or an address
                        |&(?=[#\w]+;)      # a character by its name
                        |\](?=[(:])        # a link, or the definition of one
                        |!$                # before a link: a picture
                        |\[(?=[ xX]\])     # a box to tick
                        |(?<!\S)\#+(?!\S)  # a heading, or its end""", re.VERBOSE)
#: ... and what it, or jupytext's percent format, would take for one at a line's start.
_LINE_MARKS = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=>|[-+](?:\s|$)|[-=]+\s*$|%%))",
                         re.MULTILINE)
#: A blank at which no line is broken, while Markdown is made.
_HELD = "\ue000"


@dataclass
class Form:
    """What a kind of file can hold.

    ``image(source)`` gives the bytes and the MIME type of a picture of the page, or None;
    ``width`` is that of a line of prose, None for a line per paragraph; without ``pictures``
    their words stand alone.
    """

    image: Callable[[str], tuple[bytes, str | None] | None]
    width: int | None = None
    pictures: bool = True


class Part(NamedTuple):
    """A part of a page: its tab (None: of every tab), its kind, and its text.

    ``kind`` is "heading", "prose", "code" (its text as shown, "" where none is) or "references".
    """

    tab: str | None
    kind: str
    text: str


class Page:
    """A rendered page: parsed once, written in each form.

    :param html: the body of the page
    :param address: the page's own, "" where the site has none
    """

    def __init__(self, html: str, address: str = "") -> None:
        page = BeautifulSoup(_pictures_for_plots(html), "html.parser")
        self._references = _references(page)
        _clean(page)
        _links(page, address)
        # markdownify looks at the neighbours of what it converts.
        self._nodes = [(tab, node.extract()) for tab, node in list(_walk(page))]

    def written(self, form: Form) -> list[Part]:
        """Its parts in order, those of all tabs."""
        convert, parts = _Markdown(form), []
        for tab, node in self._nodes:
            if _is_cell(node):
                cell_input = node.select_one(".cell_input")
                parts.append(Part(tab, "code", cell_input.get_text() if cell_input else ""))
            else:
                kind = "heading" if node.name in _HEADINGS else "prose"
                parts.append(Part(tab, kind, convert.markdown(node)))
        if self._references:
            parts.append(Part(None, "references", "\n".join(
                f"* {convert.escape(text, ())}" for text in self._references)))
        return parts


def blocks(parts: Iterable[Part], tab: str) -> Iterator[tuple[str, str]]:
    """What one tab's readers see: kind and text of each block.

    Code and references stand alone; all else is "markdown", up to them or to a heading.
    """
    pending: list[str] = []
    for part in parts:
        if part.tab not in (None, tab):
            continue
        if pending and part.kind != "prose":
            yield "markdown", "\n\n".join(pending)
            pending = []
        if part.text and part.kind in ("code", "references"):
            yield part.kind, part.text
        elif part.text:
            pending.append(part.text)
    if pending:
        yield "markdown", "\n\n".join(pending)


def _walk(element, tab: str | None = None) -> Iterator[tuple[str | None, Tag]]:
    for child in element.children:
        if not isinstance(child, Tag):
            continue
        if not _is_cell(child) and (child.name in _OPEN or child.get("role") == "tabpanel"
                                    or child.select_one(".cell, [role=tabpanel]")):
            yield from _walk(child, child.get("data-tab", tab))
        else:
            yield tab, child


def _is_cell(element) -> bool:
    return "cell" in element.get("class", ())


def _pictures_for_plots(html) -> str:
    """Inline SVG as an image: parsers of HTML change the case of its attributes."""
    def image(match) -> str:
        svg = match.group(0)
        title = re.search(r"<title[^>]*>(.*?)</title>", svg, re.DOTALL)
        if "xmlns=" not in svg.partition(">")[0]:
            svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        data = base64.b64encode(svg.encode()).decode()
        return (f'<p><img alt="{title.group(1) if title else ""}" '
                f'src="data:image/svg+xml;base64,{data}"></p>')
    return re.sub(r"<svg\b.*?</svg>", image, html, flags=re.DOTALL)


def _references(page) -> list[str]:
    """The works that the page cites, as its tooltips give them, in order."""
    cited = page.select(".bibtex-citation a[title]")
    return list(dict.fromkeys(" ".join(link["title"].split()) for link in cited))


def _clean(page) -> None:
    """Leave out outputs and where they were made, the page's own furniture."""
    for node in page.select("[role=tablist], .tabcells-only, .headerlink, nav, .cell_output, "
                            ".provenance, .site-only, .tabcells-switch"):
        node.decompose()


def _links(page, address) -> None:
    """Links into the book need its address; without one their words stay."""
    for link in page.select("a[href]"):
        del link["title"]
        inside = "://" not in link["href"] and not link["href"].startswith("mailto:")
        if inside and (not address or link.find("img")):
            link.unwrap()
        elif inside:
            link["href"] = urljoin(address, link["href"])


class _Markdown(MarkdownConverter):
    """Markdown that, rendered, has the text of the page and no mark more."""

    def __init__(self, form) -> None:
        super().__init__(heading_style="ATX", bullets="*", wrap=bool(form.width),
                         wrap_width=form.width, code_language_callback=_language,
                         sub_symbol="<sub>", sup_symbol="<sup>")
        self.form = form

    def markdown(self, node) -> str:
        return self.process_tag(node).strip().replace(_HELD, " ")  # type: ignore[attr-defined]

    def escape(self, text, parent_tags) -> str:
        """MathJax reads the rendered page, where an escaped $ is one again, unless it stands
        in an element of its own."""
        def escaped(mark) -> str:
            alone = self.form.pictures and mark[0] in "$\\"
            return f"<span>&#{ord(mark[0])};</span>" if alone else f"\\{mark[0]}"
        return _MARKS.sub(escaped, text)

    def convert_p(self, el, text, parent_tags) -> str:
        converted = super().convert_p(el, text, parent_tags)  # type: ignore[misc]
        return _LINE_MARKS.sub(r"\1\\", converted)

    def convert_dt(self, el, text, parent_tags) -> str:
        """Lists of definitions are no part of what notebooks render."""
        return f"\n\n**{text.strip()}**\n\n"

    def convert_dd(self, el, text, parent_tags) -> str:
        return f"\n\n{text.strip()}\n\n"

    def convert_code(self, el, text, parent_tags) -> str:
        if {"td", "th"} & set(parent_tags):
            text = text.replace("|", "\\|")
        converted = super().convert_code(el, text, parent_tags)  # type: ignore[misc]
        return converted.replace(" ", _HELD)

    def convert_pre(self, el, text, parent_tags) -> str:
        """Between fences that are longer than any in the text."""
        fenced = super().convert_pre(el, text, parent_tags).strip()  # type: ignore[misc]
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`*", text)))
        return f"\n\n{fence}{fenced.removeprefix('```').removesuffix('```')}{fence}\n\n"

    def convert_img(self, el, text, parent_tags) -> str:
        alt, source = el.get("alt", ""), el["src"]
        if not self.form.pictures:
            return f"[{self.escape(alt, parent_tags)}]"
        if source.startswith("data:"):
            return f'<img alt="{escape(alt)}" src="{source}">'
        picture = self.form.image(source)
        if not picture:
            return f"![{self.escape(alt, parent_tags)}]({source})"
        content, kind = picture
        data = base64.b64encode(content).decode()
        return f'<img alt="{escape(alt)}" src="data:{kind};base64,{data}">'

    def convert_span(self, el, text, parent_tags) -> str:
        classes = el.get("class", ())
        if "caption-number" in classes:
            return f"**{text.strip()}** "
        return text

    def convert_math(self, el, text, parent_tags) -> str:
        sign = "$$" if el.get("display") == "block" else "$"
        return f"{sign}{el['alttext']}{sign}".replace(" ", _HELD)


def _language(pre) -> str:
    """The language of a listing, from Sphinx's class ``highlight-NAME``."""
    for parent in pre.parents:
        for name in parent.get("class", ()) if isinstance(parent, Tag) else ():
            if name.startswith("highlight-"):
                return name.removeprefix("highlight-")
    return ""
