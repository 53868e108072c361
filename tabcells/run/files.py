"""Files of the source folder that determine a run: their digests, and which a page names."""

from __future__ import annotations

import functools
import glob
import hashlib
import os
import stat

from ..errors import CellError
from ..page.split import Page


def digest_of(path: str) -> str:
    """Of a file's content, worked out once in a build unless it changes; "" without a file."""
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            return ""
        return _digest(path, about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino)
    except (OSError, ValueError):
        return ""


@functools.cache
def _digest(path, *_) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


#: Read every file anew: for a new build.
forget = _digest.cache_clear


def printable(path: str) -> str:
    """A name that a record, which is UTF-8, can hold; of one that is not no file has this name."""
    return os.fsencode(path).decode(errors="backslashreplace")


def unchanged(files: dict[str, str] | None, root: str) -> bool:
    """Whether the files that a run has read are what they were.

    :param files: path from ``root`` -> digest; None where nobody knows what was read
    """
    return files is not None and all(
        digest_of(os.path.join(root, path)) == digest for path, digest in files.items())


def named_by(page: Page, root: str) -> dict[str, str]:
    """The files of ``files`` in a page's front matter, patterns from ``root``: path -> digest.

    :raises CellError: a pattern that no file matches
    """
    named = {}
    for pattern in page.files:
        paths = [path for path in glob.glob(pattern.lstrip("/"), root_dir=root, recursive=True)
                 if os.path.isfile(os.path.join(root, path))]
        if not paths:
            raise CellError(page.path, 1, None, f"no file matches {pattern!r} of files in the "
                            "front matter; it begins at the source folder")
        named.update({printable(path): digest_of(os.path.join(root, path)) for path in paths})
    return named
