"""Equal ids for the sections of both languages, so that a link to a section holds in both.

docutils makes a section's id from its title, which differs by language.  A label above the
heading, `(sec_name)=`, is the same in both (tools/parity.py wants one of each heading) and
becomes the id that the contents list, the search and links have.  The id from the title stays
as a further anchor, and so do ids of long ago (`addresses.py`): old links go on working.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from . import addresses

logger = logging.getLogger(__name__)


class LabelIds(SphinxTransform):
    """Put the label's id first, where the contents list and links look."""

    default_priority = 500  # labels have been given to their sections by then

    def apply(self, **kwargs) -> None:
        for section in self.document.findall(nodes.section):
            if names := labels(self.document, section):
                new = self.document.nameids[names[0]]
                section["ids"] = [new, *(old for old in section["ids"] if old != new)]


def labels(document, section) -> list[str]:
    """The names that a section has not from its title, in docutils' spelling."""
    return [name for name in section["names"]
            if document.nametypes.get(name) and document.nameids.get(name)]


def load_old(app, config) -> None:
    app.book_addresses = addresses.load(Path(app.confdir, addresses.FILE))


def keep_old(app, doctree) -> None:
    """Give sections the ids that links from before may name."""
    sections = {name: section for section in doctree.findall(nodes.section)
                for name in labels(doctree, section)}
    for row in app.book_addresses:
        if row.page != app.env.docname:
            continue
        section = sections.get(nodes.fully_normalize_name(row.label))
        if section is None:
            logger.warning("%s: no section of this page has the label %r", row.place, row.label,
                           location=row.page, type="book", subtype="addresses")
        elif row.old in doctree.ids:
            logger.warning("%s: the page has another place with the id %r", row.place, row.old,
                           location=row.page, type="book", subtype="addresses")
        else:
            section["ids"].append(row.old)


def setup(app) -> None:
    app.add_transform(LabelIds)
    app.connect("config-inited", load_old)
    app.connect("doctree-read", keep_old)
