"""`{gloss}`: what a term means and its word in the other language, for whoever asks.

Both stand in `glossary.tsv`.  ``{gloss}`streams <stream>` `` shows "streams"; ``{gloss}`stream` ``
is enough where the text is the English term itself.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole

from tools import glossary

from ..site import for_site

logger = logging.getLogger(__name__)


class gloss(nodes.inline):  # docutils finds what writes it by this name
    """A term with ``meaning`` and ``word``; builders that know no more show its text."""


class Gloss(ReferenceRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        file = Path(self.env.srcdir, glossary.FILE)
        self.env.note_dependency(str(file))
        term = next((term for term in glossary.load(file)
                     if term.english == self.target and term.meaning), None)
        if term is None:
            logger.warning("%s explains no %r", file.name, self.target,
                           location=self.get_location(), type="book", subtype="gloss")
            return [nodes.Text(self.title)], []
        language = self.config.language
        word, spoken = (term.english, "en") if language == "vi" else (term.preferred, "vi")
        return [gloss("", self.title, meaning=term.meaning[language], word=word,
                      say=_("In Vietnamese:"), language=spoken)], []


def visit(writer, node) -> None:
    attributes = ""
    if for_site(writer.builder):
        attributes = ' class="gloss"' + "".join(
            f' data-{name}="{escape(node[name])}"'
            for name in ("meaning", "say", "word", "language"))
    writer.body.append(f"<span{attributes}>")


def depart(writer, node) -> None:
    writer.body.append("</span>")


def setup(app) -> None:
    app.add_node(gloss, html=(visit, depart))
    app.add_role("gloss", Gloss())
