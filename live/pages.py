"""The book's pages as the server sends them: the files as they are, and in each page the client."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import RequestHandler, StaticFileHandler

from .markup import Markup

STATIC = Path(__file__).parent / "static"
CATALOGUE = Path(__file__).parent.parent / "locale/vi/LC_MESSAGES/sphinx.po"

#: First of all in a page's head: the token is kept before a page leads on to another.
CLIENT = """<script src="/live/token.js"></script>
<link rel="stylesheet" href="/live/live.css">
<script type="application/json" id="live-words">{words}</script>
<script src="/live/vendor/jupyterlab-services.js" defer></script>
<script src="/live/live.js" type="module"></script>
"""


def _(message: str) -> str:
    """Marks what a page says in its own language (`words`)."""
    return message


#: What the client says, by the names by which it asks for it.
WORDS = {
    "cell": _("Run cell {number} of {tab}"),
    "run": _("Run"),
    "edit": _("Edit"),
    "stop": _("Stop"),
    "restart": _("Restart the kernel"),
    "published": _("Back to the published output"),
    "code": _("Code of cell {number} of {tab}"),
    "own": _("Run on this machine"),
    "above": _("Cells above that have not run in this kernel: {count}."),
    "first": _("Run them first"),
    "alone": _("Only this cell"),
    "waiting": _("Waiting for another cell …"),
    "starting": _("Starting the kernel of {tab} …"),
    "running": _("Running …"),
    "done": _("Done in {seconds} s"),
    "error": _("The cell raised an error"),
    "stopped": _("Stopped"),
    "restarted": _("The kernel has started anew: it knows nothing of earlier cells"),
    "died": _("The kernel has ended; Run starts a new one"),
    "refused": _("The server does not know this page: open the address that make live has printed"),
    "unreachable": _("The server does not answer: is make live still running?"),
    "failed": _("The kernel can't be started: {reason}"),
    "elsewhere": _("This page can't show outputs of the kind {kind}; Jupyter can, with the "
                   "notebook of this page."),
    "scripts": _("Scripts of this output do not run here."),
}


@functools.cache
def words(language: str) -> dict[str, str]:
    """``WORDS`` in a page's language; what has no translation stays English."""
    if language != "vi":
        return WORDS
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="vi")
    translated = {name: catalogue.get(text) for name, text in WORDS.items()}
    return {name: str(message.string if message and message.string else WORDS[name])
            for name, message in translated.items()}


def with_client(html: str) -> str:
    """A page whose cells can be run: ``html`` with ``CLIENT`` in its head."""
    language = re.search(r'<html\b[^>]*\blang="(\w+)"', html)
    said = json.dumps(words(language[1] if language else ""), ensure_ascii=False)
    client = CLIENT.format(words=said.replace("<", "\\u003c"))
    return re.sub(r"<head\b[^>]*>", lambda head: head[0] + client, html, count=1)


class Files(JupyterHandler, StaticFileHandler):
    """The files of a folder, for everybody on this machine: the book is no secret, its kernels are.

    `JupyterHandler` refuses names of this machine that are not its own (DNS rebinding).
    """

    @allow_unauthenticated
    async def get(self, path: str, include_body: bool = True) -> None:
        await StaticFileHandler.get(self, path, include_body)

    @allow_unauthenticated
    async def head(self, path: str) -> None:
        await self.get(path, include_body=False)

    def compute_etag(self) -> None:
        """None: tornado would remember a file's for good, and the next build changes files."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "no-cache")

    def write_error(self, status_code: int, **about: Any) -> None:
        """A line, and not Jupyter's page."""
        RequestHandler.write_error(self, status_code, **about)


class Pages(Files):
    """The built book.  Its files stay as they are."""

    @classmethod
    def get_content(cls, abspath: str, start: int | None = None, end: int | None = None
                    ) -> Generator[bytes, None, None]:
        if abspath.endswith(".html"):
            yield with_client(Path(abspath).read_text("utf-8")).encode()[start:end]
        else:
            yield from super().get_content(abspath, start, end)

    def get_content_size(self) -> int:
        assert self.absolute_path is not None
        return sum(map(len, self.get_content(self.absolute_path)))

    def get_content_type(self) -> str:
        kind = super().get_content_type()
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def handlers(site: Path) -> Iterator[tuple]:
    """:param site: the folder of the built book"""
    yield "/live/markup", Markup
    yield r"/live/(.+)", Files, {"path": str(STATIC)}
    yield r"/book/(.*)", Pages, {"path": str(site), "default_filename": "index.html"}
