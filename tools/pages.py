"""Read a page as what must be equal in both languages, and its prose.  Pure functions.

MyST's own parser finds the blocks, so that an example in a fence is never taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from . import marks

#: Directives whose body is no prose: it must be equal to the letter.
LITERAL = {"bibliography", "code", "code-block", "code-cell", "doctest", "eval-rst", "graphviz",
           "include", "literalinclude", "machines", "math", "mermaid", "raw", "sourcecode",
           "toctree"}
#: Directives whose text may begin on the line of their name.
NO_ARGUMENT = {"attention", "caution", "danger", "error", "hint", "important", "note", "seealso",
               "tip", "warning"}
#: Directives whose argument is a title.
TITLED = {"admonition", "card", "csv-table", "dropdown", "list-table", "rubric", "sidebar",
          "tab-item", "tab", "table", "topic"}

_PARSER = create_md_parser(MdParserConfig(enable_extensions={
    "amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath",
    "fieldlist"}), RendererHTML)
_UNMARKED = {"heading", "tbody", "td", "th", "thead"}  # said by their heading, table or row


@dataclass(frozen=True)
class Item:
    """Something that the twin must have too.

    ``kind`` and ``name`` say what it is, ``value`` what must be equal, line by line;
    ``within`` names the directives around it, ``tab`` the tab that it belongs to.
    """

    kind: str
    name: str
    value: str
    line: int
    tab: str | None = None
    within: tuple[str, ...] = ()

    def __str__(self) -> str:
        around = f" in {{{self.within[-1]}}}" if self.within else ""
        return f"{self.kind}{' ' if self.name else ''}{self.name}{around}"


@dataclass(frozen=True)
class Prose:
    """A run of text: ``text`` with its code, ``words`` with `…` for code and references."""

    text: str
    words: str
    line: int
    quoted: bool = False
    title: bool = False


@dataclass
class Section:
    """A heading with what follows it: blocks in order, what stands in sentences, prose.

    ``labels`` are those right above the heading, as they are written there.
    """

    title: str
    level: int
    line: int
    blocks: list[Item] = field(default_factory=list)
    inline: list[Item] = field(default_factory=list)
    prose: list[Prose] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


@dataclass
class Page:
    """A page in one language; ``sections[0]`` is what stands above the first heading."""

    path: str
    language: str
    sections: list[Section]


class _Directive:
    """What parse_directive_text asks of a directive: any options, perhaps an argument."""

    option_spec: ClassVar = {"any": True}
    required_arguments, optional_arguments = 0, 1
    final_argument_whitespace = has_content = True


class _Bare(_Directive):
    optional_arguments = 0


def read_page(text: str, path: str, language: str) -> Page:
    """Read ``text``, the source of a page; ``path`` is what messages call it."""
    reader = _Reader(language)
    reader.blocks(text.removeprefix("\ufeff").replace("\r\n", "\n"), 1, ())
    return Page(path, language, reader.sections)


class _Reader:
    def __init__(self, language: str) -> None:
        self.language = language
        self.tab: str | None = None
        self.sections = [Section("", 0, 1)]
        self.labels: list[str] = []  # of what comes next

    def blocks(self, text: str, first: int, within: tuple[str, ...]) -> None:
        """Read blocks of which the first line is line ``first`` of the page."""
        tokens = _PARSER.parse(text)
        quotes, line, before = 0, first, ""
        for token, after in pairwise([*tokens, Token("", "", 0)]):
            line = first + token.map[0] if token.map else line
            quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
            if token.type == "heading_open":
                self.heading(token, after.content, line, within)
            elif token.type == "inline":
                self.sentence(token, line, within, bool(quotes), before == "heading_open")
            elif token.type in ("fence", "colon_fence"):
                self.fence(token, line, within)
            elif token.nesting >= 0 and token.type != "myst_line_comment":
                self.block_token(token, line, within)
            self.labels = [*self.labels, token.content] if token.type == "myst_target" else []
            before = token.type

    def block_token(self, token: Token, line: int, within: tuple[str, ...]) -> None:
        """A paragraph, list, table row, label, equation, line `+++`, front matter, HTML."""
        if token.type == "myst_block_break":
            self.tab = marks.tab_of(token.content)
            self.block("block", f"+++ {token.content}".strip(), "", line, within)
        elif token.type == "front_matter":
            given = marks.front_matter(token.content)
            self.block("front matter", "", marks.options(given), line, within)
            self.say(line, *marks.prose_in(given))
        elif token.type == "html_block":
            html = marks.Html(token.content)
            for tag, attributes in html.tags:
                self.block("HTML", f"<{tag}>", marks.html_attributes(attributes, self.language),
                           line, within)
                self.say(line, *marks.prose_in(attributes))
            self.say(line, html.text)
        else:
            name = token.type.removesuffix("_open").removeprefix("myst_").replace("_", " ")
            value = [token.info, marks.options(token.attrs), marks.options(token.meta),
                     marks.equation(token.content)]
            if name not in _UNMARKED:
                self.block(name, "", "\n".join(filter(None, value)), line, within)

    def block(self, kind: str, name: str, value: str, line: int, within: tuple[str, ...]) -> None:
        self.sections[-1].blocks.append(Item(kind, name, value, line, self.tab, within))

    def say(self, line: int, *texts: str) -> None:
        self.sections[-1].prose += [Prose(text, text, line) for text in texts if text.strip()]

    def heading(self, token: Token, title: str, line: int, within: tuple[str, ...]) -> None:
        level = int(token.tag[1:])
        if not within:
            self.sections.append(Section(title, level, line, labels=self.labels))
        self.block("heading", "", marks.options({"level": level, **token.attrs}), line, within)

    def fence(self, token: Token, line: int, within: tuple[str, ...]) -> None:
        directive = re.fullmatch(r"\{([^}\s]+)\}\s*(.*)", token.info.strip())
        if not directive:
            self.block("fence", token.info.strip(), token.content, line, within)
            return
        name, first_line = directive.groups()
        shape: Any = _Bare if name in NO_ARGUMENT else _Directive
        read = parse_directive_text(shape, first_line, token.content, validate_options=False)
        argument = " ".join(read.arguments)
        self.say(line, *marks.prose_in(read.options))
        if name in TITLED and argument:
            self.say(line, argument)
            argument = "(prose)"
        head = [argument, marks.options(read.options)]
        if name == "code-cell":
            self.tab = read.options.get("tab")
            self.block("code cell", "", "\n".join([*head, *read.body]), line, within)
            self.tab = None  # prose of one tab ends at the next cell
        elif name in LITERAL:
            change = {"toctree": marks.toctree_entry, "math": marks.equation}.get(name, str)
            self.block(f"{{{name}}}", "", "\n".join([*head, *map(change, read.body)]), line, within)
        else:
            self.block(f"{{{name}}}", "", "\n".join(head), line, within)
            self.blocks("\n".join(read.body), line + 1 + read.body_offset, (*within, name))

    def sentence(self, token: Token, line: int, within: tuple[str, ...], quoted: bool,
                 title: bool) -> None:
        text = words = ""
        for child in _walk(token.children or ()):
            said = child.content if child.type == "text" else ""
            for mark in marks.in_sentence(child, self.language):
                self.sections[-1].inline.append(Item(*mark, line, self.tab, within))
                said = marks.role_title(child) if child.type == "myst_role" else ""
            if child.type in ("softbreak", "hardbreak"):
                said = "\n"
            text += f"`{child.content}`" if child.type == "code_inline" else said
            words += said or " … " * (child.type in ("code_inline", "myst_role", "math_inline"))
        self.sections[-1].prose.append(Prose(text, words, line, quoted, title))


def _walk(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or ())
