"""Which files of the source folder a Python process reads, seen from inside by an audit hook.

Standard library alone, and no import of this package: the text of this file runs in kernels.
"""

from __future__ import annotations

import importlib.util
import json
import os
import site
import stat
import sys
import sysconfig
import time
import types
import urllib.parse

#: Under this name ``sys.modules`` holds what is seen: there no cell meets it by chance.
NAME = "_tabcells_reads"

_ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR

#: What opens files -> path, mode and flags of an event's arguments.  The mode is that of `open`,
#: None where another function opens the file.
_EVENTS: dict = {
    "open": lambda path, mode, flags: (path, mode, flags),
    # This names the file of machine code alone; Python's are opened.
    "import": lambda _, path, *more: (path, None, os.O_RDONLY),
    "ctypes.dlopen": lambda path: (path, None, os.O_RDONLY),
    "sqlite3.connect": lambda name: (_database(name), None, os.O_RDWR | os.O_CREAT),
    "os.rename": lambda _, path, *more: (path, None, os.O_WRONLY),
}


class Reads:
    """The files under a folder that were read, and were not written before.

    :param root: an absolute path
    :param ignored: absolute paths of folders in it whose files do not count
    """

    def __init__(self, root: str, ignored=()) -> None:
        self._root = root.rstrip(os.sep) + os.sep
        self._ignored = tuple(folder.rstrip(os.sep) + os.sep for folder in ignored)
        self._stamps: dict = {}  # of each file as it was when it was read first
        self._written: set = set()
        self._began = time.time_ns()
        self._cached = sys.pycache_prefix and sys.pycache_prefix + self._root

    def see(self, event: str, arguments: tuple) -> None:
        """An audit hook.  It never raises, since then what is seen would fail."""
        if event not in _EVENTS:
            return
        try:
            path, mode, flags = _EVENTS[event](*arguments)
            if not isinstance(path, str):
                if isinstance(path, int):
                    return  # the number of a file that is open already
                path = os.fsdecode(path)
            if not path.startswith(self._root):
                if self._cached and path.startswith(self._cached):
                    path = importlib.util.source_from_cache(path)
                elif path.startswith(os.sep):
                    return
            path = os.path.abspath(path)
            if path.startswith(self._root) and not path.startswith(self._ignored):
                self._note(path, mode, flags)
        except Exception:
            pass

    def _note(self, path, mode, flags) -> None:
        if flags & _ACCESS != os.O_WRONLY and not flags & (os.O_TRUNC | os.O_EXCL):
            source = _source_of(path)
            if source not in self._written and source not in self._stamps:
                stamp = _stamp(source)
                # A file that is looked for in vain counts: the code may do without it.
                if stamp or (stamp is None and mode and not flags & os.O_CREAT):
                    self._stamps.setdefault(source, stamp)
        if flags & _ACCESS != os.O_RDONLY:
            self._written.add(path)

    def files(self) -> dict:
        """Relative path of each -> whether it has changed since, by the hand of another.

        What is newer than the run has been made by it, perhaps by a process of its own.
        """
        changed = {}
        for path, stamp in sorted(self._stamps.copy().items()):
            now = _stamp(path)
            changed[path[len(self._root):]] = bool(
                stamp and now and stamp != now and stamp[0] < self._began
                and path not in self._written)
        return changed


def _database(name) -> str:
    """The path of a database of SQLite, which may be named by a URI."""
    name = os.fsdecode(name)
    is_uri = name.startswith("file:")
    return urllib.parse.unquote(urllib.parse.urlsplit(name).path) if is_uri else name


def _source_of(path) -> str:
    """The source of a module in a ``__pycache__``; of all else the path itself."""
    if path.endswith(".pyc"):
        try:
            return importlib.util.source_from_cache(path)
        except (ValueError, NotImplementedError):
            pass  # a module without a source
    return path


def _stamp(path):  # noqa: ANN202
    """What changes with a file's content; None without a file, () for a folder or a pipe."""
    try:
        about = os.stat(path)
    except OSError:
        return None
    return (about.st_mtime_ns, about.st_size, about.st_ino) if stat.S_ISREG(about.st_mode) else ()


def installed(root: str) -> set:
    """Folders under ``root`` that hold this Python and its packages, whose versions count."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {sys.prefix, sys.base_prefix, site.getusersitepackages(), *site.getsitepackages()}
    return {folder for folder in folders if folder.startswith(root.rstrip(os.sep) + os.sep)}


def begin(root: str, ignored) -> None:
    """Look on from now on."""
    module = types.ModuleType(NAME)
    reads = Reads(root, [*ignored, *installed(root)])
    module.answer = lambda: json.dumps(reads.files())  # type: ignore[attr-defined]
    sys.modules[NAME] = module
    sys.addaudithook(reads.see)
