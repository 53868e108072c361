"""Citations: in Vietnamese ("Chen và cộng sự, 2015"), and as a list for screen readers.

Two styles for sphinxcontrib-bibtex: `author_year_vi` for citations in the text, `alpha_vi`
for the list.  Both are the styles of their names without `_vi`, in other words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pybtex.plugin
from docutils import nodes
from pybtex.style import FormattedEntry
from pybtex.style.formatting.alpha import Style as Alpha
from pybtex.style.template import Node
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

#: What pybtex's templates say, and what they say here.
WORDS = {" and ": " và ", ", and ": " và ", "In": "Trong", "in": "trong", "of": "của",
         "Volume": "Tập", "volume": "tập", "Number": "Số", "number": "số", "chapter": "chương",
         "pages": "trang", "edition": "ấn bản", "editor": "chủ biên", "editors": "chủ biên",
         "PhD thesis": "Luận án tiến sĩ", "Master's thesis": "Luận văn thạc sĩ",
         "Technical Report": "Báo cáo kỹ thuật", "URL: ": "Địa chỉ: "}


@dataclass
class AuthorYearVi(AuthorYearReferenceStyle):
    person: PersonStyle = field(default_factory=lambda: PersonStyle(
        sep2=" và ", last_sep=" và ", other=" và cộng sự"))


class AlphaVi(Alpha):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        format_name = self.format_name  # type: ignore[has-type]
        self.format_name = lambda person, abbreviate=False: (
            "cộng sự" if str(person) == "others" else format_name(person, abbreviate))

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
    register_plugin("sphinxcontrib.bibtex.style.referencing", "author_year_vi", AuthorYearVi)
    pybtex.plugin.register_plugin("pybtex.style.formatting", "alpha_vi", AlphaVi)
