"""A rendered page, for one of its tabs, as a run of Markdown blocks and code cells.

Everything is resolved in the HTML that Sphinx made: numbers of figures and sections,
citations, words in the page's language.  So that is what becomes Markdown.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
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
    ``address`` is the page's own, "" where the site has none; ``width`` is that of a line
    of prose, None for a line per paragraph; without ``pictures`` their words stand alone.
    """

    image: Callable[[str], tuple[bytes, str | None] | None]
    address: str = ""
    width: int | None = None
    pictures: bool = True


def blocks(html: str, tab: str, form: Form) -> Iterator[tuple[str, str]]:
    """``("markdown", text)`` and ``("code", text as shown)``, in the order of the page.

    :param html: the body of the page
    :param tab: the tab to keep
    """
    page = BeautifulSoup(_pictures_for_plots(html), "html.parser")
    references = _references(page)
    _clean(page, tab)
    _links(page, form.address)
    convert = _Markdown(form)
    pending: list[str] = []
    for node in _walk(page):
        cell = _is_cell(node)
        if pending and (cell or node.name in _HEADINGS):
            yield "markdown", "\n\n".join(pending)
            pending = []
        if cell:
            if cell_input := node.select_one(".cell_input"):
                yield "code", cell_input.get_text()
        elif text := convert.markdown(node):
            pending.append(text)
    if pending:
        yield "markdown", "\n\n".join(pending)
    if references:
        yield "references", "\n".join(f"* {convert.escape(text, ())}" for text in references)


def _walk(element) -> Iterator[Tag]:
    for child in list(element.children):
        if not isinstance(child, Tag):
            continue
        if not _is_cell(child) and (child.name in _OPEN or child.get("role") == "tabpanel"
                                    or child.select_one(".cell, [role=tabpanel]")):
            yield from _walk(child)
        else:
            yield child


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


def _clean(page, tab) -> None:
    """Leave out other tabs, outputs and where they were made, the page's own furniture."""
    for panel in page.select("[role=tabpanel]"):
        if panel["data-tab"] != tab:
            panel.decompose()
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
        """One element alone: markdownify looks at the neighbours of what it converts."""
        node.extract()
        home = BeautifulSoup("", "html.parser")
        home.append(node)
        return self.convert_soup(home).strip().replace(_HELD, " ")

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
