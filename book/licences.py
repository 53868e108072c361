"""Under which licences the book stands, said by all that is built from it.

`book_licences` of conf.py has a name and an address for ``text`` (figures too) and ``code``.
The foot of each page, the notebooks and scripts, and the EPUB take their sentence from here;
a project without the setting says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from .site import spoken

WORDS = {"en": "Text and figures: {text}; code: {code}.",
         "vi": "Văn bản và hình: {text}; mã nguồn: {code}."}


def sentence(config, form: Callable[[str, str], str]) -> str:
    """The licences in the book's language; ``form`` makes a link of a name and an address."""
    if not config.book_licences:
        return ""
    return WORDS[spoken(config.language)].format(
        **{part: form(*licence) for part, licence in config.book_licences.items()})


def html(name: str, address: str) -> str:
    return f'<a href="{escape(address)}" rel="license">{escape(name)}</a>'


def markdown(name: str, address: str) -> str:
    return f"[{name}]({address})"


def plain(name: str, address: str) -> str:
    return f"{name} ({address})"


def name_in_ebook(app, config) -> None:
    if config.book_licences:
        config.epub_copyright = sentence(config, plain)


def name_on_page(app, pagename, templatename, context, doctree) -> None:
    context["licences"] = sentence(app.config, html)


def setup(app) -> None:
    app.add_config_value("book_licences", {}, "html", [dict])
    app.connect("config-inited", name_in_ebook)
    app.connect("html-page-context", name_on_page)
