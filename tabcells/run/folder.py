"""A folder of its own in which a kernel starts, so that no run meets another's files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folder:
    """What is to be laid out.

    :param root: the source folder
    :param links: paths in it that the new folder has too, as links
    :param start: path, from the new folder, of the one in which the kernel starts
    """

    root: str
    links: tuple[str, ...] = ()
    start: str = ""

    def lay(self, place: str) -> str:
        """Make the folder, which must not exist; the absolute path in which the kernel starts.

        :raises OSError: it can't be made
        """
        os.makedirs(place)
        for path in self.links:
            link = os.path.join(place, path)
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(os.path.join(self.root, path), link)
        start = os.path.join(place, self.start)
        os.makedirs(start, exist_ok=True)
        return start

    def missing(self) -> str:
        """The first link whose file or folder isn't there, or ""."""
        return next((path for path in self.links if not Path(self.root, path).exists()), "")
