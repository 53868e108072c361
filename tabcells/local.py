"""Kernels of this machine, none of which outlives its build, nor what it has started."""

from __future__ import annotations

import os
import subprocess

from jupyter_client import AsyncKernelManager

#: Waits for the end of its input, which comes with the end of the build, however that ends.
_WATCH = 'trap "" INT TERM HUP; read -r _; kill -s KILL -- "-$1"'


class Manager(AsyncKernelManager):
    """A kernel whose process group ends with it: a cell may have forked.

    ipykernel looks by itself whether its parent is gone; its children, kernels of other
    languages and code that lets no other thread run do not.
    """

    _watch: subprocess.Popen | None = None

    async def start_kernel(self, **options):
        await super().start_kernel(**options)
        group = getattr(self.provisioner, "pgid", None)
        if os.name == "posix" and group:
            self._watch = subprocess.Popen(
                ["/bin/sh", "-c", _WATCH, "watch", str(group)], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    async def cleanup_resources(self, restart=False):
        if self._watch:
            self._watch.communicate()
            self._watch = None
        await super().cleanup_resources(restart=restart)
