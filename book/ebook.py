"""EPUB for readers of every kind: no scripts, plain colours, what EPUB 3 asks to be declared."""

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from sphinx.builders.epub3 import Epub3Builder
from sphinx.transforms.post_transforms import SphinxPostTransform

KEPT = {"pygments.css", "epub.css", "ebook.css", "file.png"}  # the rest is the site's


class Ebook(Epub3Builder):
    """Sphinx's own, with what epubcheck asks for: each page's language, its inline SVG and
    MathML declared, one identifier, no file that no page uses."""

    def init(self) -> None:
        super().init()
        language = self.config.epub_language
        self.html_tag = Epub3Builder.html_tag.removesuffix(">") \
            + f' lang="{language}" xml:lang="{language}">'

    def build_content(self) -> None:
        for file in (self.outdir / "_static").rglob("*"):
            if file.is_file() and file.name not in KEPT:
                file.unlink()
        super().build_content()
        package = self.outdir / "content.opf"
        package.write_text(re.sub(r'<item [^>]*href="([^"]+\.xhtml)"[^>]*(?= />)', self._declare,
                                  package.read_text("utf-8")), "utf-8")

    def toc_metadata(self, level, navpoints) -> dict[str, Any]:
        return {**super().toc_metadata(level, navpoints), "uid": self.config.epub_identifier}

    def _declare(self, item) -> str:
        text = (self.outdir / unquote(unescape(item[1]))).read_text("utf-8")
        kinds = [name for tag, name in (("<svg", "svg"), ("<math", "mathml")) if tag in text]
        return item[0] + (f' properties="{" ".join(kinds)}"' if kinds else "")


class PlainColours(SphinxPostTransform):
    """The plots' CSS variables give way to their values: many readers know no variables."""

    default_priority = 400
    builders = (Ebook.name,)

    def run(self, **kwargs) -> None:
        for node in self.document.findall(nodes.raw):
            plain = re.sub(r"var\(--[\w-]+, ((?:[^()]|\([^()]*\))+)\)", r"\1", node.astext())
            node.clear()
            node += nodes.Text(plain)


def without_the_sites_files(app, pagename, templatename, context, doctree) -> None:
    if app.builder.embedded:
        context["script_files"] = []
        context["css_files"] = [css for css in context["css_files"]
                                if Path(css.filename).name in KEPT]


def setup(app) -> None:
    app.add_builder(Ebook, override=True)
    app.add_post_transform(PlainColours)
    app.connect("html-page-context", without_the_sites_files)
