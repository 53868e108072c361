"""Citations: in Vietnamese ("Chen và cộng sự, 2015"), and as a list for screen readers.

Two styles for sphinxcontrib-bibtex and a language: `author_year_vi` and `author_year_en` for
citations in the text, `alpha_vi` and `alpha_en` for the list.  All are the styles of their
names without the language, but for "and others"; the Vietnamese ones are in other words too.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import pybtex.plugin
from docutils import nodes
from pybtex.database import Entry, Person
from pybtex.richtext import BaseText, Tag, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting.alpha import Style as Alpha
from pybtex.style.template import (
    Node,
    field as of_entry,
    first_of,
    node,
    optional,
    sentence,
    tag,
)
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

#: What pybtex's templates say, and what they say here.
WORDS = {" and ": " và ", ", and ": " và ", "In": "Trong", "in": "trong", "of": "của",
         "Volume": "Tập", "volume": "tập", "Number": "Số", "number": "số", "chapter": "chương",
         "pages": "trang", "edition": "ấn bản", "editor": "chủ biên", "editors": "chủ biên",
         "PhD thesis": "Luận án tiến sĩ", "Master's thesis": "Luận văn thạc sĩ",
         "Technical Report": "Báo cáo kỹ thuật", "URL: ": "Địa chỉ: "}


#: LaTeX's marks for letters (T5 is the encoding of Vietnamese) as Unicode combines them.
MARKS = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308",
         "?": "\u0309", "h": "\u0309", "u": "\u0306", "d": "\u0323", "horn": "\u031b"}
LETTERS = {"dj": "đ", "abreve": "ă", "acircumflex": "â", "ecircumflex": "ê",
           "ocircumflex": "ô", "ohorn": "ơ", "uhorn": "ư"}
LETTERS |= {name.upper(): letter.upper() for name, letter in LETTERS.items()}
_LETTER = re.compile(rf"\\({'|'.join(LETTERS)})(?![A-Za-z])(?:\s+|\{{\}})?")
_MARK = r"\\(?:([`'^~\"?])|(h|u|d|horn)(?![A-Za-z]))\s*"
#: A mark and its letter, which is in braces or not and may have marks already.
_MARKED = re.compile(
    _MARK + r"(\{*)\s*(?:\\([ij])(?![A-Za-z])\s*|([^\W\d_][\u0300-\u036f]*))")


def letters(latex: str) -> str:
    """``latex`` with Vietnamese letters for what LaTeX makes them of; all else as it was.

    latexcodec, which pybtex reads with, knows a letter with one mark, and not each.
    """
    latex = _LETTER.sub(lambda match: LETTERS[match[1]], latex)
    latex = unicodedata.normalize("NFD", latex)
    before = None
    while before != latex:  # the innermost mark first
        before = latex
        for match in _MARKED.finditer(latex):
            sign, word, braces, dotless, letter = match.groups()
            end = match.end() + len(braces)
            if latex[match.end():end] == "}" * len(braces):
                latex = (latex[:match.start()] + (dotless or letter) + MARKS[sign or word]
                         + latex[end:])
                break
    return unicodedata.normalize("NFC", latex)


def read_letters(app) -> None:
    """Let the bibliography's entries have their letters, once it is read."""
    if "sphinxcontrib.bibtex" not in app.extensions:
        return
    for entry in app.env.get_domain("cite").bibdata.data.entries.values():
        for field_name, text in entry.fields.items():
            entry.fields[field_name] = letters(text)
        for role, persons in entry.persons.items():
            entry.persons[role] = [Person(letters(str(person))) for person in persons]


@node
def and_others(children, data, role, ending, few=False) -> BaseText:
    """The names that ``children`` give; `and others` of BibTeX is no name, but ``ending``.

    :param few: of more than two the names give but the first, and say so themselves
    """
    entry, (names,) = data["entry"], children
    persons = entry.persons.get(role, [])
    if len(persons) < 2 or str(persons[-1]) != "others" or (few and len(persons) > 2):
        return names.format_data(data)
    known = Entry(entry.type, entry.fields, {**entry.persons, role: persons[:-1]})
    known.key = entry.key
    commas = names(sep2=names.kwargs["sep"], last_sep=names.kwargs["sep"])
    return Text(commas.format_data({**data, "entry": known}), ending)


class People(PersonStyle):
    def names(self, role, full) -> Node:
        return and_others(role, ending=self.other, few=not full)[super().names(role, full)]

    def author_or_editor_or_title(self, full) -> Node:
        return first_of[optional[self.names("author", full)],
                        optional[self.names("editor", full)], tag("em")[of_entry("title")]]


@dataclass
class AuthorYearEn(AuthorYearReferenceStyle):
    person: PersonStyle = field(default_factory=People)


@dataclass
class AuthorYearVi(AuthorYearReferenceStyle):
    person: PersonStyle = field(default_factory=lambda: People(
        sep2=" và ", last_sep=" và ", other=" và cộng sự"))


class AlphaEn(Alpha):
    other: BaseText | str = Text(" ", Tag("em", "et al."))

    def format_names(self, role, as_sentence=True) -> Node:
        names = and_others(role, ending=self.other)[super().format_names(role, False)]
        return sentence[names] if as_sentence else names


class AlphaVi(AlphaEn):
    other = " và cộng sự"

    def format_entry(self, label, entry, bib_data=None) -> FormattedEntry:
        template = translated(getattr(self, f"get_{entry.type}_template")(entry))
        text = template.format_data({"entry": entry, "style": self, "bib_data": bib_data})
        return FormattedEntry(entry.key, text, label)


def translated(part) -> Any:
    """A copy of a template of pybtex (nodes and words) with its words in Vietnamese."""
    if not isinstance(part, Node):
        return WORDS.get(part, part) if isinstance(part, str) else part
    copy = part()
    copy.children = [translated(child) for child in part.children]
    copy.kwargs = {key: translated(value) for key, value in part.kwargs.items()}
    return copy


def visit_citation(self, node) -> None:
    """docutils' own, with roles that a `div` may have: its doc-biblioentry is deprecated."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<div role="list" class="citation-list">\n')
    self.body.append(self.starttag(node, "div", classes=["citation"], role="listitem"))


def depart_citation(self, node) -> None:
    self.body.append("</div>\n")
    if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
        self.body.append("</div>\n")


def setup(app) -> None:
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    for name, style in (("author_year_en", AuthorYearEn), ("author_year_vi", AuthorYearVi)):
        register_plugin("sphinxcontrib.bibtex.style.referencing", name, style)
    for name, style in (("alpha_en", AlphaEn), ("alpha_vi", AlphaVi)):
        pybtex.plugin.register_plugin("pybtex.style.formatting", name, style)
    app.connect("builder-inited", read_letters, priority=600)  # after they are read
