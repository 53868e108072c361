"""Run one notebook in a kernel of its own."""

from __future__ import annotations

import json
import logging
import re
import time

import nbformat

from ..errors import RunError
from .allowance import Allowance
from .outputs import clean, printable, tidy

_quiet = logging.getLogger("tabcells.nbclient")  # its errors are raised, not logged
_quiet.setLevel(logging.CRITICAL)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def run(notebook, kernel, timeouts, progress, root, helpers=(), limit=5_000_000):
    """Execute a copy of ``notebook`` in a fresh kernel, which ends with this call.

    :param kernel: a ``tabcells.run.kernels.Kernel``
    :param timeouts: seconds, one per cell
    :param progress: called as ``progress(index, None)`` before a cell and
        ``progress(index, seconds)`` after it
    :param root: the folder in which a kernel of this machine starts and imports
    :param helpers: paths, from there, of the modules that a kernel elsewhere is sent
    :param limit: bytes of output that are kept of each cell
    :raises RunError: a cell raised or took too long, or the kernel died or didn't start
    """
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    done = nbformat.from_dict(json.loads(json.dumps(notebook)))
    state = {"index": 0, "start": 0.0, "ready": False}

    def before(cell, cell_index):
        state.update(index=cell_index, start=time.perf_counter(), ready=True)
        progress(cell_index, None)

    def after(cell, cell_index, execute_reply):
        cell.outputs += client.allowance.notice()
        progress(cell_index, time.perf_counter() - state["start"])

    client = _client(done, kernel, helpers, limit,
                     timeout_func=lambda cell: timeouts[state["index"]],
                     on_cell_start=before, on_cell_executed=after,
                     resources={"metadata": {"path": str(root)}})
    try:
        client.execute()
    except CellExecutionError as error:
        plain = printable(_ANSI.sub("", error.traceback)[-limit:])
        raise RunError(state["index"], f"the cell raised\n{plain}") from None
    except CellTimeoutError:
        seconds = timeouts[state["index"]]
        raise RunError(state["index"],
                       f"the cell ran over its time limit of {seconds:g} s") from None
    except DeadKernelError:
        raise RunError(state["index"], f"the kernel died{kernel.where}") from None
    except (RuntimeError, OSError) as error:
        if state["ready"]:
            raise RunError(state["index"], f"the kernel was lost{kernel.where}: {error}") from None
        raise RunError(state["index"],
                       f"the kernel did not start{kernel.where}: {error}") from error
    for cell in done.cells:  # not sooner: a later cell may change what an earlier one displays
        cell.outputs = tidy(cell.outputs)
    if "widgets" in done.metadata:  # a record is UTF-8 too
        done.metadata.widgets = nbformat.from_dict(clean(done.metadata.widgets))
    return done


def _client(notebook, kernel, helpers, limit, **options):
    from nbclient import NotebookClient

    class Client(NotebookClient):
        def create_kernel_manager(self):
            self.km = kernel.start()
            return self.km

        async def async_start_new_kernel_client(self):
            await super().async_start_new_kernel_client()
            if kernel.prepare:
                await kernel.prepare(self, helpers)
            return self.kc

        async def async_execute_cell(self, *args, **options):
            self.allowance = Allowance(limit)
            return await super().async_execute_cell(*args, **options)

        def process_message(self, msg, cell, cell_index):
            if self.allowance.admit(msg):
                return super().process_message(msg, cell, cell_index)
            return None

    # What a cell has printed, if much, may arrive long after its end.
    return Client(notebook, kernel_name=kernel.name, startup_timeout=120, record_timing=False,
                  iopub_timeout=60, log=_quiet, **options)
