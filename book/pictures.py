"""Pictures whose files have letters beyond ASCII, or blanks, in their names.

Of `![](hình.svg)` CommonMark makes an address, `h%C3%ACnh.svg`; MyST hands that to Sphinx,
which looks for a file of this name (executablebooks/MyST-Parser, `render_image`).
"""

from pathlib import Path
from urllib.parse import unquote

from docutils import nodes
from sphinx.transforms import SphinxTransform


class FindPictures(SphinxTransform):
    default_priority = 200

    def apply(self, **kwargs) -> None:
        for image in self.document.findall(nodes.image):
            name = unquote(image["uri"])
            if name != image["uri"] and "://" not in name and Path(
                    self.env.relfn2path(name, self.env.docname)[1]).is_file():
                image["uri"] = name


def setup(app) -> None:
    app.add_transform(FindPictures)
