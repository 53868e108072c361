"""Records of executed notebooks: jupyter-cache's folder, made safe to share and to copy.

A record is `executed/KEY/base.ipynb`: code, outputs, and under ``tabcells`` in its metadata
where they come from.  The database beside them is an index that is made again from the
records when it is broken.  Nothing in the folder names a path outside it.
"""

from __future__ import annotations

import datetime
import errno
import functools
import hashlib
import json
import logging
import os
import sqlite3
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

import nbformat.reader
from filelock import FileLock, Timeout
from jupyter_cache import get_cache
from jupyter_cache.cache.db import NbCacheRecord, session_context
from sqlalchemy.exc import SQLAlchemyError

# Not Sphinx's: there a warning fails a strict build, and what is told here is mended by then.
logger = logging.getLogger("tabcells.cache")

#: What a record says of its run.
_KNOWN = {"code", "docname", "tab", "kernel", "language", "started", "date", "seconds",
          "versions", "processor", "cores", "gpus", "commit", "build"}

#: Records that are kept; jupyter-cache's own thousand is less than the tabs of a large book.
LIMIT = 10_000


def code_of(notebook) -> str:
    """A digest of what runs (cells with their tags, the kernel's name), not of where."""
    cells = [[cell.source, cell.metadata.get("tags", [])] for cell in notebook.cells]
    text = json.dumps([notebook.metadata.kernelspec.name, cells])
    return hashlib.sha256(text.encode()).hexdigest()


class Records:
    """The records in ``folder``, which is made when need be; one that is read-only is read."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        # A reader sees whole records without it too: a new one takes the old one's place at once.
        self._lock = (FileLock(self.folder / "lock") if os.access(self.folder, os.W_OK)
                      else nullcontext())

    def key(self, notebook) -> str:
        """The name of the record of ``notebook``: its code and kernelspec, digested."""
        return _opened(str(self.folder), os.getpid()).create_hashed_notebook(notebook)[1]

    def find(self, notebook):
        """``(outputs of each cell, provenance)`` of this very notebook, or None."""
        def look(cache):
            try:
                record = cache.match_cache_notebook(notebook)
            except KeyError:
                return None
            return self._read(cache, record)

        return self._with_index(look)

    def newest(self, code: str):
        """The same of the newest record of this code, whatever machine it ran on, or None."""
        def look(cache):
            found = [record for record in cache.list_cache_records()
                     if (record.data or {}).get("code") == code]
            for record in sorted(found, key=lambda record: -record.data["started"]):
                if kept := self._read(cache, record):
                    return kept
            return None

        return self._with_index(look)

    def keep(self, notebook, provenance: dict):
        """Keep an executed notebook; what was under the same key stays until this is whole."""
        notebook.metadata["tabcells"] = provenance

        def write(cache):
            whole, key = cache.create_hashed_notebook(notebook)
            record = self.folder / "executed" / key / "base.ipynb"
            record.parent.mkdir(parents=True, exist_ok=True)
            new = record.with_name("new.ipynb")
            try:
                new.write_text(nbformat.writes(whole), "utf-8")
                _enter(cache, key, provenance)
                new.replace(record)
            finally:  # half a record helps nobody, and may be what fills the disk
                new.unlink(missing_ok=True)
            if cache.get_cache_limit() < LIMIT:
                cache.change_cache_limit(LIMIT)
            cache.truncate_caches()

        self._with_index(write)

    def log(self, **run):
        """Append one line to `executions.jsonl`: a run that happened."""
        with open(self.folder / "executions.jsonl", "ab", buffering=0) as file:
            line, end = json.dumps(run).encode() + b"\n", file.tell()
            if file.write(line) < len(line):  # the disk is full
                file.truncate(end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name)

    @contextmanager
    def running(self, tell_waiting):
        """One run at a time, over processes too: measurements must not disturb one another.

        :param tell_waiting: called when another build runs cells at the moment
        """
        lock = FileLock(self.folder / "running")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            tell_waiting()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _read(self, cache, record):
        """A record as it is used, or None when it is broken: then it is removed."""
        try:
            file = self.folder / "executed" / record.hashkey / "base.ipynb"
            notebook = nbformat.reader.reads(file.read_text("utf-8"))
            provenance = notebook.metadata["tabcells"]
            if cache.create_hashed_notebook(notebook)[1] != record.hashkey:
                raise ValueError("it holds other code than its name says")
            if missing := _KNOWN - set(provenance):
                raise ValueError(f"it lacks {', '.join(sorted(missing))}")
            nbformat.validate(notebook)
        except (KeyError, ValueError, TypeError, AttributeError, OSError,
                nbformat.ValidationError) as error:
            logger.warning(
                "warning: the record %s (page %s) can't be used and is dropped: %s",
                record.hashkey, record.uri, str(error).splitlines()[0][:200])
            with _where_possible():
                NbCacheRecord.remove_record(record.pk, cache.db)
            return None
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        if now - record.accessed > datetime.timedelta(days=1):
            with _where_possible():  # of more than LIMIT those unused longest go
                NbCacheRecord.touch(record.pk, cache.db)
        return [cell.outputs for cell in notebook.cells], dict(provenance)

    def _with_index(self, work):
        """Do ``work(cache)`` alone; with a broken database, once more with a new one."""
        with self._lock:
            try:
                return work(_opened(str(self.folder), os.getpid()))
            # jupyter-cache turns some of the database's errors into a bare RuntimeError
            except (SQLAlchemyError, RuntimeError) as error:
                if reason := _no_fault_of_the_index(error):
                    raise OSError(reason) from error
                aside = self.folder / f"global.db.broken-{time.time_ns()}"
                (self.folder / "global.db").rename(aside)
                forget()
                logger.warning("warning: the cache's index was broken (%s); it is kept as %s, and "
                               "made again", str(error).splitlines()[0][:200], aside.name)
                cache = _opened(str(self.folder), os.getpid())
                self._index_again(cache)
                return work(cache)

    def _index_again(self, cache):
        for file in sorted(self.folder.glob("executed/*/base.ipynb")):
            try:
                provenance = json.loads(file.read_text("utf-8"))["metadata"]["tabcells"]
                NbCacheRecord.create_record(uri=provenance["docname"], hashkey=file.parent.name,
                                            db=cache.db, data=_index(provenance))
            except (KeyError, ValueError, TypeError, OSError):
                continue  # broken too: its cells will run again


@functools.cache
def _opened(folder, process):
    """jupyter-cache's folder; each process has its own connection to the index."""
    return get_cache(folder)


#: Open the folders anew: they may be others by now.
forget = _opened.cache_clear


@contextmanager
def _where_possible():
    """For what the index may do without: on a full or read-only disk it stays undone."""
    try:
        yield
    except RuntimeError as error:
        if not _no_fault_of_the_index(error):
            raise


def _no_fault_of_the_index(error):
    """The words of a full disk, a folder without write access and the like; else None."""
    while error and not isinstance(error, sqlite3.Error):
        error = getattr(error, "orig", None) or error.__cause__
    outside = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
               sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what extends it
    return str(error) if code in outside else None


def _enter(cache, key, provenance):
    """The record's row of the index, new or changed in one step."""
    with session_context(cache.db) as session:
        row = session.query(NbCacheRecord).filter_by(hashkey=key).one_or_none()
        row = row or NbCacheRecord(hashkey=key)
        row.uri, row.data = provenance["docname"], _index(provenance)
        session.add(row)
        session.commit()


def _index(provenance):
    return {"code": provenance["code"], "started": provenance["started"]}
