"""Kernels of this machine, none of which outlives its build, nor what it has started."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import uuid

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager

#: Waits for the end of its input, which comes with the end of the build, however that ends.
#: Then group $1 ends, and whatever has $2 in its environment: it may have left the group.
#: Last goes folder $3.
_WATCH = """trap "" INT TERM HUP
read -r _
kill -s KILL -- "-$1"
for round in 1 2 3 4 5 6 7 8 9; do
  files=$(grep -lsxz "$2" /proc/[0-9]*/environ)
  [ "$files" ] || break
  for file in $files; do file=${file%/environ}; kill -s KILL "${file#/proc/}"; done
done
rm -rf -- "$3"
"""

#: Bytes that the path of a Unix socket may have: on macOS, which has the fewest.
SOCKET_PATH = 103


def manager(name: str, specs: KernelSpecManager, sockets: bool) -> Manager:
    """A manager for one kernel, whose connection file lies in a private folder of its own.

    :param sockets: this kernel can use Unix sockets.  They lie in that folder too, and open no
        port; where its path is too long for them, ports of the loopback address take their place
    :raises OSError: there is no place for temporary files
    """
    folder = tempfile.TemporaryDirectory(prefix="tabcells-", ignore_cleanup_errors=True)
    file = os.path.join(folder.name, "kernel.json")
    longest = os.path.join(folder.name, "kernel-ipc-5")  # as jupyter_client calls them
    fits = len(os.fsencode(longest)) <= SOCKET_PATH
    return Manager(kernel_name=name, kernel_spec_manager=specs, connection_file=file,
                   folder=folder, transport="ipc" if sockets and fits else "tcp")


class Manager(AsyncKernelManager):
    """A kernel whose processes end with it: a cell may have forked, and started a daemon.

    They share its process group, or on Linux a variable that each inherits.

    ipykernel looks by itself whether its parent is gone; its children, kernels of other
    languages and code that lets no other thread run do not.
    """

    _watch: subprocess.Popen | None = None

    def __init__(self, folder: tempfile.TemporaryDirectory, **options) -> None:
        super().__init__(**options)
        self._folder = folder
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the kernel
        self._last_words = ""

    @property
    def folder(self) -> str:
        """The private folder, which goes when the kernel has ended, even if the build is killed."""
        return self._folder.name

    @property
    def printed(self) -> str:
        """The end of what the process itself has printed, which no cell has: warnings, a crash."""
        if self._printed.closed:
            return self._last_words
        file = self._printed.fileno()
        return os.pread(file, 2000, max(0, os.fstat(file).st_size - 2000)).decode(
            errors="replace").strip()

    async def start_kernel(self, **options) -> None:
        own = uuid.uuid4().hex
        options["env"] = {**absolute_paths(options.get("env") or dict(os.environ)),
                          "TABCELLS_KERNEL": own}
        options["stdout"] = options["stderr"] = self._printed
        await super().start_kernel(**options)
        group = getattr(self.provisioner, "pgid", None)
        if os.name == "posix" and group:
            self._watch = subprocess.Popen(
                ["/bin/sh", "-c", _WATCH, "watch", str(group), f"TABCELLS_KERNEL={own}",
                 self._folder.name],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)

    async def cleanup_resources(self, restart=False) -> None:
        if self._watch:
            watch, self._watch = self._watch, None
            await asyncio.to_thread(watch.communicate)
        await super().cleanup_resources(restart=restart)
        if not restart:
            self._last_words = self.printed
            self._printed.close()
            self._folder.cleanup()


def absolute_paths(variables: dict[str, str]) -> dict[str, str]:
    """Environment variables for a process in another folder: ``PYTHONPATH`` means the same."""
    if "PYTHONPATH" not in variables:
        return variables
    paths = variables["PYTHONPATH"].split(os.pathsep)
    return {**variables,
            "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in paths if path)}
