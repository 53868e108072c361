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
    MathML declared, one identifier for the book and for each file, no file that no page uses."""

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
        text = re.sub(r'<item [^>]*href="([^"]+\.xhtml)"[^>]*(?= />)', self._declare,
                      package.read_text("utf-8"))
        package.write_text(_each_once(text), "utf-8")

    def make_id(self, name) -> str:
        """One for each file: Sphinx asks by its name and by its address, which may differ."""
        return super().make_id(unquote(name))

    def toc_metadata(self, level, navpoints) -> dict[str, Any]:
        return {**super().toc_metadata(level, navpoints), "uid": self.config.epub_identifier}

    def _declare(self, item) -> str:
        text = (self.outdir / unquote(unescape(item[1]))).read_text("utf-8")
        kinds = [name for tag, name in (("<svg", "svg"), ("<math", "mathml")) if tag in text]
        return item[0] + (f' properties="{" ".join(kinds)}"' if kinds else "")


def _each_once(package) -> str:
    """A package's text with each file once in the order of reading, where it stands first."""
    ids: set[str] = set()

    def first(item) -> str:
        is_new = item[1] not in ids
        ids.add(item[1])
        return item[0] if is_new else ""

    return re.sub(r'\s*<itemref idref="([^"]+)"[^>]*>', first, package)


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
