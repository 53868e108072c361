"""Sections that a reader opens: `{.fold}` above a heading, `<details>` in HTML.

Native `<details>` needs no script; a link to something inside opens it, and print shows it
in full (see print.css).  E-books and other builders show the section as it is.
"""

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput, visit_HideCellInput
from sphinx.transforms.post_transforms import SphinxPostTransform

from .site import SITE


class FoldSections(SphinxPostTransform):
    default_priority = 400
    builders = (SITE,)

    def run(self, **kwargs) -> None:
        for section in self.document.findall(nodes.section):
            if "fold" in section["classes"]:
                start = section.first_child_matching_class(nodes.title)
                # A link to a place inside opens the fold; one to the section does not.
                first, *older = (f"id='in-{name}'" for name in section["ids"])
                inner = "".join(f"<span {name}></span>" for name in older)
                section.insert(start + 1, _raw(
                    f"</summary><span class='fold-start' {first}>{inner}</span>"))
                section.insert(start, _raw("<details class='fold'><summary>"))
                section += _raw("</details>")


def _raw(html) -> nodes.raw:
    return nodes.raw("", html, format="html")


def visit_hidden(self, node) -> None:
    """myst-nb's own, without its name for the button, which is English alone: the words in the
    button name it."""
    before = len(self.body)
    visit_HideCellInput(self, node)
    self.body[before:] = [part.replace(' aria-label="Toggle hidden content"', "")
                          for part in self.body[before:]]


def name_hidden(app, config) -> None:
    """Once myst-nb is there, wherever conf.py names it."""
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden, depart_HideCellInput))


def setup(app) -> None:
    app.add_post_transform(FoldSections)
    app.connect("config-inited", name_hidden)
