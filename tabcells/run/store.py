"""Records of executed notebooks: files in a folder, made safe to share and to copy.

A record is the notebook ``records/CODE-REST.ipynb``: code, outputs, and under ``tabcells`` in its
metadata where they come from.  CODE is a digest of what runs, REST one of all else that determines
the outputs, so the folder's list of names is the only index.  A record takes its place in one
move; nothing in the folder names a path outside it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import nbformat.reader
from nbformat import NotebookNode

from ..page.merge import WIDGETS

# Not Sphinx's: there a warning fails a strict build, and what is told here is mended by then.
# By a handler of its own: a library's handler for all messages would hide it in a log.
logger = logging.getLogger("tabcells.store")
logger.propagate = False
if logging.lastResort and not logger.handlers:
    logger.addHandler(logging.lastResort)  # what Python prints to stderr by

#: What a record says of its run.
_KNOWN = {"code", "docname", "tab", "kernel", "language", "started", "date", "seconds",
          "versions", "processor", "cores", "gpus", "commit", "build"}

#: Changes when records of before can't be read any more.
FORMAT = 2

#: Records that are kept: those used last.
LIMIT = 10_000

#: Seconds after which a use is written down again; a use that changes no file costs nothing.
DAY = 24 * 60 * 60


#: A run as a page shows it: the outputs of each cell, and the provenance.
Record = tuple[list, dict]


def code_of(notebook: NotebookNode) -> str:
    """A digest of what runs (cells with their tags, the kernel's name), not of where."""
    cells = [[cell.source, cell.metadata.get("tags", [])] for cell in notebook.cells]
    return _digest([FORMAT, notebook.metadata.kernelspec.name, cells])


def key_of(notebook: NotebookNode) -> str:
    """The name of a notebook's record: its code's digest, and that of its kernelspec's rest."""
    return f"{code_of(notebook)}-{_digest(notebook.metadata.kernelspec)}"


def lexer_of(language_info: Mapping) -> str:
    """The Pygments lexer for a kernel's cells, by what the kernel says of its language.

    Python kernels get IPython's: their cells may have magics, whatever the kernel says.
    """
    name = language_info.get("name", "")
    if name.lower() == "python":
        return "ipython3"
    return language_info.get("pygments_lexer") or name or "text"


def _digest(value) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Records:
    """The records in ``folder``, which is made when need be; one that is read-only is read."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self._files = self.folder / "records"
        self._files.mkdir(parents=True, exist_ok=True)

    def find(self, notebook: NotebookNode) -> Record | None:
        """``(outputs of each cell, provenance)`` of this very notebook, or None.

        Provenance tells besides what was kept the kernel's ``lexer``, the states of its
        ``widgets`` by their ids, and the ``digest`` of the record's file.
        """
        return self._read(self._file(key_of(notebook)))

    def digest(self, key: str) -> str:
        """Of a record's file as it is now, which counts as a use of it; "" without one."""
        try:
            content = self._file(key).read_bytes()
        except OSError:
            return ""
        self._mark_as_used(self._file(key))
        return hashlib.sha256(content).hexdigest()

    def newest(self, code: str) -> Record | None:
        """The same of the newest record of this code, whatever machine it ran on, or None."""
        records = filter(None, map(self._read, self._files.glob(f"{code}-*.ipynb")))
        return max(records, key=lambda record: record[1]["started"], default=None)

    def keep(self, notebook: NotebookNode, provenance: dict) -> None:
        """Keep an executed notebook; what was under the same key stays until this is whole."""
        notebook.metadata["tabcells"] = provenance
        file = self._file(key_of(notebook))
        new = file.with_suffix(f".new-{os.getpid()}-{time.time_ns()}")
        try:
            new.write_text(nbformat.writes(notebook), "utf-8")
            new.replace(file)
        finally:  # half a record helps nobody, and may be what fills the disk
            new.unlink(missing_ok=True)
        self._drop_oldest()

    def log(self, **run) -> None:
        """Append one line to `executions.jsonl`: a run that happened."""
        with open(self.folder / "executions.jsonl", "ab", buffering=0) as file:
            line, end = json.dumps(run).encode() + b"\n", file.tell()
            if file.write(line) < len(line):  # the disk is full
                file.truncate(end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name)

    @asynccontextmanager
    async def running(self, tell_waiting: Callable[[], None], key: str = "") -> AsyncIterator[None]:
        """One run at a time, over processes too.

        :param key: of this record alone; by default of all, since cells measure time
        :param tell_waiting: called when such a run goes on elsewhere
        """
        from filelock import AsyncFileLock, Timeout  # where nothing runs, nobody waits for it

        lock = AsyncFileLock(self.folder / (f"running-{key}" if key else "running"),
                             run_in_executor=False)
        try:
            await lock.acquire(timeout=0)
        except Timeout:
            tell_waiting()
            await lock.acquire()
        try:
            yield
        finally:
            if key:  # who waits for it sees that the file is gone, and makes it anew
                with suppress(OSError):
                    os.unlink(lock.lock_file)
            await lock.release()

    def _file(self, key: str) -> Path:
        return self._files / f"{key}.ipynb"

    def _read(self, file: Path) -> Record | None:
        """A record as it is used, or None when there is none or it is broken: then it goes."""
        try:
            content = file.read_bytes()
            notebook = nbformat.reader.reads(content.decode())
            provenance = notebook.metadata["tabcells"]
            if key_of(notebook) != file.stem:
                raise ValueError("it holds other code than its name says")
            if missing := _KNOWN - set(provenance):
                raise ValueError(f"it lacks {', '.join(sorted(missing))}")
            nbformat.validate(notebook)
            lexer = lexer_of(notebook.metadata.get("language_info", {}))
            widgets = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
        except FileNotFoundError:
            return None
        except (KeyError, ValueError, TypeError, AttributeError, OSError,
                nbformat.ValidationError) as error:
            logger.warning("warning: the record %s can't be used and is dropped: %s",
                           file.name, str(error).splitlines()[0][:200])
            with suppress(OSError):  # it may lie on a disk that can only be read
                file.unlink(missing_ok=True)
            return None
        self._mark_as_used(file)
        return [cell.outputs for cell in notebook.cells], {
            **provenance, "lexer": lexer, "widgets": widgets,
            "digest": hashlib.sha256(content).hexdigest()}

    def _mark_as_used(self, file: Path) -> None:
        with suppress(OSError):  # it may be gone, or lie on a disk that can only be read
            if time.time() - file.stat().st_mtime > DAY:
                os.utime(file)

    def _drop_oldest(self) -> None:
        """Of more than LIMIT records those unused longest go, and halves that a kill left."""
        names = os.listdir(self._files)
        if len(names) <= LIMIT and not any(".new-" in name for name in names):
            return  # a look at each file would take longer with every run
        with os.scandir(self._files) as entries:
            files = [(entry.stat().st_mtime, entry.path) for entry in entries]
        whole = sorted((file for file in files if file[1].endswith(".ipynb")), reverse=True)
        halves = [file for file in files if ".new-" in file[1] and time.time() - file[0] > DAY]
        for _, path in whole[LIMIT:] + halves:
            with suppress(OSError):  # another build has removed it
                os.unlink(path)
