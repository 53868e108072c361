"""Sections that a reader opens: `{.fold}` above a heading, `<details>` in HTML.

Native `<details>` needs no script; a link to something inside opens it, and print shows it
in full (see print.css).  E-books and other builders show the section as it is.
"""

from docutils import nodes
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


def setup(app) -> None:
    app.add_post_transform(FoldSections)
