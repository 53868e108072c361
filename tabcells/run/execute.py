"""Run notebooks, each in a kernel of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any, TypeVar

import nbformat
from jupyter_client import KernelClient, KernelManager
from jupyter_core.utils import ensure_async

from ..errors import RunError
from .allowance import Allowance
from .local import Manager
from .outputs import clean, printable, tidy

_quiet = logging.getLogger("tabcells.nbclient")  # its errors are raised, not logged
_quiet.setLevel(logging.CRITICAL)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Answer = TypeVar("Answer")


def wait_for(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    """What ``coroutine`` returns.  The signals that end a build cancel it: its kernels then end.

    :raises KeyboardInterrupt: Ctrl-C
    :raises SystemExit: SIGTERM
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_until_terminated(coroutine))
    with ThreadPoolExecutor(1) as thread:  # this thread waits for something else already
        return thread.submit(asyncio.run, coroutine).result()


async def _until_terminated(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    task, terminated = asyncio.ensure_future(coroutine), False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    with suppress(NotImplementedError, RuntimeError):  # Windows; not the main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await task
    except asyncio.CancelledError:
        if terminated:
            raise SystemExit(128 + signal.SIGTERM) from None
        raise


class Runner:
    """Runs notebooks one after the other, each in a kernel of its own.

    A kernel ends while the next one starts, but before that one's first cell runs, which may
    measure time; ``async with`` waits for the end of the last one.

    Of the last notebook, ``printed`` is the end of what its kernel printed besides its cells.

    :param turns: held while cells run, and not while a kernel starts or ends.  Of the last
        notebook, ``waited`` is the seconds that its kernel waited for that
    """

    def __init__(self, turns: AbstractAsyncContextManager | None = None) -> None:
        self.waited, self.printed = 0.0, ""
        self._turns = turns or nullcontext()
        self._endings: set[asyncio.Task] = set()

    async def __aenter__(self) -> Runner:
        return self

    async def __aexit__(self, *_) -> None:
        await self.all_ended()

    async def run(self, notebook, kernel, timeouts, progress, root, helpers=(),
                  limit=5_000_000, observer=None, folder=None) -> nbformat.NotebookNode:
        """Execute a copy of ``notebook`` in a fresh kernel.

        :param kernel: a ``tabcells.run.kernels.Kernel``
        :param timeouts: seconds, one per cell
        :param progress: called as ``progress(index, None)`` before a cell and
            ``progress(index, seconds)`` after it
        :param root: the folder in which a kernel of this machine starts and imports
        :param helpers: paths, from there, of the modules that a kernel elsewhere is sent
        :param limit: bytes of output that are kept of each cell
        :param observer: a ``tabcells.run.observe.Observer``, or None
        :param folder: a ``tabcells.run.folder.Folder`` in which a kernel of this machine starts
            instead, or None
        :raises RunError: a cell raised or took too long, or the kernel died or didn't start
        """
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        self.waited, self.printed = 0.0, ""
        done = nbformat.from_dict(json.loads(json.dumps(notebook)))
        state = {"index": 0, "start": 0.0, "ready": False}

        def before(cell, cell_index) -> None:
            state.update(index=cell_index, start=time.perf_counter(), ready=True)
            progress(cell_index, None)

        def after(cell, cell_index, execute_reply) -> None:
            cell.outputs += client.allowance.notice()
            progress(cell_index, time.perf_counter() - state["start"])

        client = _client(self, done, kernel, helpers, limit, observer, folder,
                         timeout_func=lambda cell: timeouts[state["index"]],
                         on_cell_start=before, on_cell_executed=after,
                         resources={"metadata": {"path": str(root)}})
        try:
            await client.async_execute()
        except CellExecutionError as error:
            plain = printable(_ANSI.sub("", error.traceback)[-limit:])
            raise RunError(state["index"], f"the cell raised\n{plain}") from None
        except CellTimeoutError:
            seconds = timeouts[state["index"]]
            raise RunError(state["index"],
                           f"the cell ran over its time limit of {seconds:g} s") from None
        except DeadKernelError:
            raise RunError(state["index"],
                           f"the kernel died{kernel.where}{_printed(client)}") from None
        except (RuntimeError, OSError) as error:
            if state["ready"]:
                raise RunError(state["index"],
                               f"the kernel was lost{kernel.where}: {error}"
                               f"{_printed(client)}") from None
            raise RunError(state["index"],
                           f"the kernel did not start{kernel.where}: {error}"
                           f"{_printed(client)}") from error
        self.printed = _printed(client)
        for cell in done.cells:  # not sooner: a later cell may change what an earlier one displays
            cell.outputs = tidy(cell.outputs)
        if "widgets" in done.metadata:  # a record is UTF-8 too
            done.metadata.widgets = nbformat.from_dict(clean(done.metadata.widgets))
        return done

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until cells may run in a kernel that has started."""
        await self.all_ended()
        ready = time.perf_counter()
        async with self._turns:
            self.waited = time.perf_counter() - ready
            yield

    def end(self, manager, client) -> None:
        """Begin to end a kernel.  ``manager`` and ``client`` are jupyter_client's, or None."""
        ending = asyncio.create_task(_end(manager, client))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def all_ended(self) -> None:
        """Wait until every kernel that ``end`` was called for has ended."""
        if self._endings:
            await asyncio.wait(self._endings)  # goes on ending them where the wait is cancelled


def _printed(client) -> str:
    """What a kernel of this machine printed besides its cells, on lines of its own."""
    words = printable(_ANSI.sub("", getattr(client.manager, "printed", "")))
    return words and f"\n{words}"


async def _end(manager, client) -> None:
    try:
        if await ensure_async(manager.is_alive()):
            await ensure_async(manager.shutdown_kernel())
    except (RuntimeError, OSError):
        pass  # it has ended by itself
    finally:
        await ensure_async(manager.cleanup_resources())
        if client is not None:
            await ensure_async(client.stop_channels())


def _client(runner, notebook, kernel, helpers, limit, observer, folder, **options) -> Any:
    # Not `NotebookClient`: ours has an ``allowance`` besides.
    from nbclient import NotebookClient

    class Client(NotebookClient):
        manager: KernelManager | None = None  # ``km``, which nbclient forgets where a start fails

        def create_kernel_manager(self) -> KernelManager:
            self.manager = self.km = kernel.start()
            if folder and isinstance(self.km, Manager):
                place = os.path.realpath(os.path.join(self.km.folder, "work"))
                self.resources["metadata"]["path"] = folder.lay(place)
                if observer:
                    observer.seen = place
            return self.km

        @asynccontextmanager
        async def async_setup_kernel(self, **options) -> AsyncIterator[None]:
            """nbclient's waits until the kernel has ended, and takes the build's signals."""
            manager = self.create_kernel_manager()
            try:
                await self.async_start_new_kernel(**options)
                await self.async_start_new_kernel_client()
                async with runner.turn():
                    yield
                    if observer:
                        await observer.end(self)
            finally:
                runner.end(manager, self.kc)

        async def async_start_new_kernel_client(self) -> KernelClient:
            await super().async_start_new_kernel_client()
            if kernel.prepare:
                await kernel.prepare(self, helpers)
            if observer:
                await observer.begin(self)
            return self.kc

        async def async_execute_cell(self, *args, **options) -> nbformat.NotebookNode:
            self.allowance = Allowance(limit)
            return await super().async_execute_cell(*args, **options)

        def process_message(self, msg, cell, cell_index) -> nbformat.NotebookNode | None:
            if self.allowance.admit(msg):
                return super().process_message(msg, cell, cell_index)
            return None

    # What a cell has printed, if much, may arrive long after its end.
    return Client(notebook, kernel_name=kernel.name, startup_timeout=120, record_timing=False,
                  iopub_timeout=60, log=_quiet, **options)
