"""Ask a Python kernel of this machine which files of the source folder its cells have read."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from . import files, reads
from .gateway import evaluate

#: In the place of a digest: the file changed while the cells ran, so nobody knows what they read.
CHANGED = "changed"

#: Seconds that a kernel may take to answer: a cell may have left it busy.
PATIENCE = 60


class Observer:
    """Sees one run.  ``files`` is what it has read: path from ``root`` -> digest of its content.

    A kernel that can't be asked in the first place has read nothing ({}); None stands for one
    that doesn't tell in the end.

    ``seen`` is where the kernel sees ``root``: a folder with links to it, perhaps.

    :param ignored: folders in ``root`` whose files do not count
    """

    def __init__(self, root: str, ignored: list[str]) -> None:
        self.files: dict[str, str] | None = {}
        self._root, self._ignored, self.seen = root, ignored, root
        self._begun = False

    async def begin(self, client) -> None:
        """Before the first cell.  Nothing is left in the namespace of the cells."""
        source = Path(reads.__file__).read_text("utf-8")
        source += f"\nbegin({self.seen!r}, {self._ignored!r})\n"
        self._begun = await _answer(
            client, f"exec({source!r}, {{'__name__': {reads.NAME!r}}})", "'yes'") == "yes"

    async def end(self, client) -> None:
        """After the last cell."""
        if not self._begun:
            return
        answer = await _answer(
            client, "", f"__import__('sys').modules[{reads.NAME!r}].answer()")
        self.files = None if answer is None else await asyncio.to_thread(
            self._digests, json.loads(answer))

    def _digests(self, changed) -> dict[str, str]:
        return {files.printable(path): CHANGED if changed[path]
                else files.digest_of(os.path.join(self._root, path)) for path in changed}


async def _answer(client, code, expression) -> str | None:
    """As ``evaluate``; None where the kernel does not answer so."""
    try:
        return await asyncio.wait_for(evaluate(client, code, expression), PATIENCE)
    except (RuntimeError, KeyError, TypeError, ValueError, SyntaxError, asyncio.TimeoutError):
        return None
