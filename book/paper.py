"""The book away from its site: what only the site has is left out, what folds is in full."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class LeaveSite(SphinxPostTransform):
    """Drop `{.site-only}` and links to the site's other files; hide no cell's code."""

    default_priority = 190  # before myst-nb hides (199)
    builders = ("singlehtml", "epub")

    def run(self, **kwargs) -> None:
        for node in list(self.document.findall(nodes.Element)):
            if "site-only" in node.get("classes", ()):
                node.parent.remove(node)
            node.attributes.pop("hide_mode", None)
        for link in list(self.document.findall(nodes.reference)):
            if _to_a_file(link):
                _drop(link)
        for start in list(self.document.findall(nodes.raw)):
            if re.match(r'<a\b[^>]*\bhref="(?!#|[a-z]+:)[^>]*>$', start.astext()):
                _unlink(start)


def _to_a_file(link) -> bool:
    uri = link.get("refuri", "")
    return bool(uri) and not link.get("internal") and ":" not in uri and not uri.startswith("#")


def _drop(link) -> None:
    """Remove a link; of a paragraph that is this link alone, the paragraph too."""
    parent = link.parent
    if isinstance(parent, nodes.paragraph) and parent.astext() == link.astext():
        parent.parent.remove(parent)
    else:
        parent.replace(link, link.children)


def _unlink(start) -> None:
    """Remove an inline `<a>` and its `</a>`; what is between them stays."""
    line = start.parent
    end = next(node for node in line[line.index(start):] if node.astext() == "</a>")
    line.remove(end)
    line.remove(start)


def setup(app) -> None:
    app.add_post_transform(LeaveSite)
