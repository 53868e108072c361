"""What is English in a Vietnamese page says so, and is read aloud as English: `lang="en"`.

Code and what it printed are found here; a title in a sentence is marked where it stands,
`[*Dive into Deep Learning*]{.language-en}`, and titles of works in `citations.py`.
"""

import unicodedata

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from .site import SITE

#: docutils makes of this class of a node the attribute `lang`.
ENGLISH = "language-en"


class MarkEnglish(SphinxPostTransform):
    default_priority = 400
    builders = (SITE, "singlehtml")

    def run(self, **kwargs) -> None:
        if self.config.language != "vi":
            return
        for node in self.document.findall(nodes.Element):
            if isinstance(node, (nodes.literal, nodes.literal_block)) and not is_vietnamese(
                    node.astext()):
                node["classes"].append(ENGLISH)


def is_vietnamese(text: str) -> bool:
    """Whether a letter has a mark, as some has in almost every Vietnamese sentence."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "đ" in letters or any(map(unicodedata.combining, letters))


def setup(app) -> None:
    app.add_post_transform(MarkEnglish)
