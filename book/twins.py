"""Equal ids for the sections of both languages, so that a link to a section holds in both.

docutils makes a section's id from its title, which differs by language.  The headings of
twins are parallel (tests/book/site/test_sources.py), so their position names them: the second
section of a page's first is `s1-2`.  A section with a label of its own keeps that as its
id.  The id from the title stays as a further anchor: old links go on working.
"""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx.transforms import SphinxTransform


class NeutralIds(SphinxTransform):
    """Put an id that no language owns first, where the contents list and links look."""

    default_priority = 500  # labels have been given to their sections by then

    def apply(self, **kwargs) -> None:
        for path, section in numbered(self.document):
            labels = [name for name in section["names"] if self.document.nametypes.get(name)]
            known = self.document.nameids.get(labels[0]) if labels else None
            new = known or "s" + "-".join(map(str, path))
            section["ids"] = [new, *(old for old in section["ids"] if old != new)]
            self.document.ids.setdefault(new, section)


def numbered(parent, path=()) -> Iterator[tuple[tuple[int, ...], nodes.section]]:
    """Each section under ``parent`` with its position, ``((1, 2), section)``, in reading order."""
    number = 0
    for child in parent.children:
        if isinstance(child, nodes.section):
            number += 1
            yield (*path, number), child
            yield from numbered(child, (*path, number))


def setup(app) -> None:
    app.add_transform(NeutralIds)
