"""Tables that say what they hold: row headers, and a caption.

Markdown has neither.  The first cell of each row names it; a paragraph `: words` right above a
table is its caption (as in Pandoc), which screen readers tell before the table.
"""

from html import escape

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class NameTables(SphinxPostTransform):
    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for table in list(self.document.findall(nodes.table)):
            for column in list(table.findall(nodes.colspec))[:1]:
                column["stub"] = 1
            above = table.previous_sibling()
            if isinstance(above, nodes.paragraph) and above.astext().startswith(": "):
                caption = escape(above.astext().removeprefix(": "))
                table.insert(0, nodes.raw("", f"<caption>{caption}</caption>", format="html"))
                above.parent.remove(above)


def setup(app) -> None:
    app.add_post_transform(NameTables)
