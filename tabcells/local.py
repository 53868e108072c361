"""Kernels of this machine, none of which outlives its build, nor what it has started."""

from __future__ import annotations

import os
import subprocess
import uuid

from jupyter_client import AsyncKernelManager

#: Waits for the end of its input, which comes with the end of the build, however that ends.
#: Then group $1 ends, and whatever has $2 in its environment: it may have left the group.
_WATCH = """trap "" INT TERM HUP
read -r _
kill -s KILL -- "-$1"
for round in 1 2 3 4 5 6 7 8 9; do
  found=$(grep -lsxz "$2" /proc/[0-9]*/environ)
  [ "$found" ] || break
  for file in $found; do file=${file%/environ}; kill -s KILL "${file#/proc/}"; done
done"""


class Manager(AsyncKernelManager):
    """A kernel whose processes end with it: a cell may have forked, and started a daemon.

    They share its process group, or on Linux a variable that each inherits.

    ipykernel looks by itself whether its parent is gone; its children, kernels of other
    languages and code that lets no other thread run do not.
    """

    _watch: subprocess.Popen | None = None

    async def start_kernel(self, **options):
        own = uuid.uuid4().hex
        options["env"] = {**(options.get("env") or os.environ), "TABCELLS_KERNEL": own}
        await super().start_kernel(**options)
        group = getattr(self.provisioner, "pgid", None)
        if os.name == "posix" and group:
            self._watch = subprocess.Popen(
                ["/bin/sh", "-c", _WATCH, "watch", str(group), f"TABCELLS_KERNEL={own}"],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)

    async def cleanup_resources(self, restart=False):
        if self._watch:
            self._watch.communicate()
            self._watch = None
        await super().cleanup_resources(restart=restart)
