"""The outputs of a page's tabs: from the records, or from runs that are then recorded."""

from __future__ import annotations

import asyncio
import datetime
import functools
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sphinx.util import logging

from ..errors import CellError, RunError
from ..page.split import Page, tab_notebook
from ..settings import Settings
from . import files, gateway, imports, kernels
from .allowance import cut_at
from .execute import Runner, wait_for
from .folder import Folder
from .observe import Observer
from .store import Record, Records, code_of, key_of

logger = logging.getLogger(__name__)

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Place:
    """Where a page's tabs run and are kept: plain values, since Sphinx pickles them.

    ``kernels``, ``cache`` and ``root`` are the absolute paths of the folder of kernelspecs, of
    the records, and of the sources, where kernels start; ``build`` is the build's name.
    ``allow_errors`` lets a cell's error stand in the page; ``folder`` is that in which kernels of
    this machine start, where it isn't ``root``.
    """

    settings: Settings
    docname: str
    root: str
    kernels: str
    cache: str
    language: str
    build: str
    allow_errors: bool = False
    folder: Folder | None = None


class TabRun:
    """One tab of a page, ready to be looked up and to be run.

    :raises CellError: its kernel can't be found, or at a gateway not be reached; no file is what
        the front matter names
    """

    def __init__(self, page: Page, name: str, place: Place) -> None:
        self.page, self.name, self.place = page, name, place
        self.settings = place.settings
        self.tab, self.positions = self.settings.tabs[name], page.cells_of[name]
        self.records = Records(place.cache)
        bare = {"name": self.tab.kernel, "display_name": name}
        self.notebook = tab_notebook(page, name, bare, place.allow_errors)
        self.code = code_of(self.notebook)
        self.helpers: dict = {}
        try:
            self.kernel: kernels.Kernel | None = self._find_kernel()
        except RunError as error:
            if self.settings.execution != "off":
                raise self._named(error) from error
            self.kernel = None  # what is on record needs no kernel
            return
        modules: frozenset = frozenset()
        if self.kernel.language == "python":
            self.helpers, modules = imports.imports_of(
                tuple(cell.source for cell in self.notebook.cells), place.root)
        self.notebook.metadata.kernelspec = {
            **bare, "display_name": "", "language": self.kernel.language,
            "definition": self.kernel.definition,
            "environment": self.kernel.environment(self.helpers, modules, self.tab.packages)}
        if place.folder:  # what a run sees of the project
            self.notebook.metadata.kernelspec["folder"] = [place.folder.start,
                                                           sorted(place.folder.links)]
        if named := self._named_files():
            self.notebook.metadata.kernelspec["files"] = named

    def _find_kernel(self) -> kernels.Kernel:
        gateway_url, place = self.settings.gateway, self.place
        if gateway_url and self.settings.execution != "off":
            return gateway.remote_kernel(self.tab.kernel, gateway_url, place.root)
        return kernels.local_kernel(self.tab.kernel, place.kernels, place.root)

    def _named_files(self) -> dict[str, str]:
        try:
            return files.named_by(self.page, self.place.root)
        except CellError:
            if self.settings.execution != "off":
                raise
            return {}  # what is on record may come from where the files are

    def look(self) -> Record | None:
        """``(outputs of each cell, provenance)`` that this build may show, or None.

        Provenance tells besides what the record holds whether the numbers are ``kept`` from
        before this build, and ``exact``: all that determines them is as it is here.
        """
        known, execution = _seen.setdefault(lookup_key(self.place), {}), self.settings.execution
        at = (self.name, self.code, json.dumps(self.notebook.metadata, sort_keys=True))
        if at not in known:
            build = self.place.build
            record = self.records.find(self.notebook) if self.kernel else None
            exact = record is not None and self._is_exact(record[1])
            if not exact:
                record = (record or self.records.newest(self.code)) if execution == "off" else None
            if record and execution == "force" and record[1]["build"] != build:
                record = None
            if not record or (execution != "off" and cut_at(record[0]) not in (
                    None, self.settings.output_limit)):
                return None
            outputs, provenance = record
            known[at] = outputs, {**provenance, "exact": exact,
                                  "kept": provenance["build"] != build}
            if len(known) > RECENT:
                del known[next(iter(known))]  # the oldest
        return known[at]

    def _is_exact(self, provenance) -> bool:
        """Whether the files that the run has read are what they were.

        What ran in this build counts as current to its end, even if its own cells, or somebody,
        have changed such a file since.
        """
        return provenance["build"] == self.place.build or files.unchanged(
            provenance.get("files"), self.place.root)

    async def obtain(self, worker: Worker) -> Record | None:
        """The same, run by ``worker`` when there is nothing to show; None if it may not run.

        :raises CellError: a cell failed; a failed run is not kept
        """
        record = self.look()
        if record or self.settings.execution == "off":
            return record
        async with worker.turn(self):
            if not self.look():  # who had the turn before may have made it
                await self._run(worker.runner)
        return self.look()

    async def _run(self, runner) -> None:
        started, key = time.time(), key_of(self.notebook)
        event = {"docname": self.place.docname, "tab": self.name,
                 "kernel": self.tab.kernel, "key": key, "started": round(started, 3),
                 "cells": len(self.positions)}
        limit = self.page.timeout or self.settings.timeout
        timeouts = [float(self.page.notebook.cells[i].metadata.get("timeout", limit))
                    for i in self.positions]
        assert self.kernel is not None, "what may run has a kernel"
        observer = Observer(self.place.root, [
            os.path.join(self.place.root, "_build"), self.place.cache])
        try:
            done = await runner.run(
                self.notebook, self.kernel, timeouts, self._progress, self.place.root,
                self.helpers, self.settings.output_limit,
                observer if self.kernel.observable else None, self.place.folder)
        except RunError as error:
            if self.settings.jobs == 1:
                logger.info("")
            self._log(event, ok=False)
            raise self._named(error) from error
        self._log(event, ok=True)
        self.records.keep(done, {**self._provenance(started), "files": observer.files})

    def _log(self, event, ok) -> None:
        self.records.log(**event, seconds=round(time.time() - event["started"], 3), ok=ok)

    def _provenance(self, started) -> dict:
        assert self.kernel is not None, "what has run has a kernel"
        moment = datetime.datetime.fromtimestamp(started, datetime.timezone.utc)
        return {
            **self.kernel.survey["hardware"], "code": self.code, "tab": self.name,
            "docname": self.place.docname, "kernel": self.tab.kernel,
            "language": self.kernel.language, "started": started,
            "date": moment.isoformat(timespec="seconds"),
            "seconds": round(time.time() - started, 1),
            "versions": self.kernel.versions(self.tab.packages),
            "commit": commit_of(self.place.root), "build": self.place.build}

    def _progress(self, index, seconds) -> None:
        cell = (f"{self.page.path}:{self.page.where(self.positions[index])}: [{self.name}] "
                f"cell {index + 1} of {len(self.positions)} ... ")
        alone = self.settings.jobs == 1  # else another tab would end a line that is begun
        if seconds is not None:
            logger.info("%s%.2f s", "" if alone else cell, seconds)
        elif alone:
            logger.info("%s", cell, nonl=True)

    def tell_waiting(self) -> None:
        """Say that the tab's turn to run has not come."""
        logger.info("%s: [%s] waiting for %s", self.page.path, self.name,
                    "another build, which runs cells" if self.settings.jobs == 1
                    else "another run of the same code")

    def _named(self, error) -> CellError:
        line = self.page.where(self.positions[error.index]) if self.positions else 1
        return CellError(self.page.path, line, self.name, error.message)


class Worker:
    """Runs tabs one after the other; ``async with`` ends once its kernels have ended.

    :param jobs: how many workers there are.  With 1 it is the only one in all builds from its
        first run to its end; else no two run the same tab at the same time
    """

    def __init__(self, jobs: int) -> None:
        self.jobs, self.runner = jobs, Runner()
        self._held = AsyncExitStack()
        self._alone = False

    async def __aenter__(self) -> Worker:
        return self

    async def __aexit__(self, *_) -> None:
        async with self._held:
            await self.runner.all_ended()

    @asynccontextmanager
    async def turn(self, tab: TabRun) -> AsyncIterator[None]:
        """Wait until ``tab`` may run.

        :raises OSError: the folder of the runs can't be written to
        """
        if self.jobs > 1:
            async with tab.records.running(tab.tell_waiting, key_of(tab.notebook)):
                yield
            return
        if not self._alone:
            await self._held.enter_async_context(tab.records.running(tab.tell_waiting))
            self._alone = True
        yield


def work_off(tasks: Iterable[Task], work: Callable[[Task, Worker], Coroutine[Any, Any, Outcome]],
             jobs: int) -> list[Outcome]:
    """What ``work(task, worker)`` returns for each task, in their order.

    :param jobs: how many workers there are, which take one task after the other, side by side
    """
    outcomes: dict = {}

    async def take(numbered) -> None:
        async with Worker(jobs) as worker:
            for number, task in numbered:
                outcomes[number] = await work(task, worker)

    async def take_all() -> None:
        numbered = enumerate(tasks)
        workers = [asyncio.ensure_future(take(numbered)) for _ in range(jobs)]
        try:
            await asyncio.gather(*workers)
        finally:  # where one raises, the others are cancelled, and end their kernels
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    wait_for(take_all())
    return [outcomes[number] for number in sorted(outcomes)]


#: What this process has looked up last: a page asks several times, and then shows one record,
#: even if another build replaces it. Not all: the outputs of many pages fill the memory.
_seen: dict = {}
RECENT = 8


def lookup_key(place: Place) -> tuple:
    """Lookups are shared by all that agree in these."""
    settings = place.settings
    return (place.cache, settings.execution, place.build, settings.gateway,
            settings.output_limit)


def begin() -> None:
    """Look at everything anew: a build begins, perhaps in a process that has done one."""
    _seen.clear()
    build_name.cache_clear()
    kernels.forget()
    files.forget()
    imports.forget()
    gateway.forget()


@functools.cache
def build_name() -> str:
    """The name of this build.

    Several runs of Sphinx (one per language) are one build where ``TABCELLS_BUILD`` says so.
    """
    return os.environ.get("TABCELLS_BUILD") or f"{time.time_ns()}-{os.getpid()}"


def run_page(page: Page, place: Place) -> tuple[dict, list[CellError]]:
    """``obtain_page`` for one page by itself."""
    return work_off([page], lambda page, worker: obtain_page(page, place, worker),
                    place.settings.jobs)[0]


async def obtain_page(page: Page, place: Place, worker: Worker) -> tuple[dict, list[CellError]]:
    """Each tab of a page: ``{tab: (outputs of each cell, provenance)}``, and the errors met.

    A tab that has no record and may not run is left out.
    """
    records, errors = {}, []
    for name in page.cells_of:
        try:
            record = await TabRun(page, name, place).obtain(worker)
        except CellError as error:
            if str(error) not in map(str, errors):  # one of the page is every tab's
                errors.append(error)
        except OSError as error:
            line = page.where(page.cells_of[name][0]) if page.cells_of[name] else 1
            errors.append(CellError(page.path, line, name, "the folder of the runs, "
                                      f"{place.cache}, can't be used: {error}"))
        else:
            if record:
                records[name] = record
    return records, errors


def state_of(page: Page, place: Place) -> str:
    """A text that differs when the page would show other outputs or another provenance."""
    output_module = place.settings.output.rpartition(".")[0]
    keys = ["code", "started"]
    if "{state}" in place.settings.provenance:
        keys += ["kept", "exact"]
    state: dict = {"": output_module and imports.imports_of(
        (f"import {output_module}",), place.root)[0]}
    for name in page.cells_of:
        try:
            record = TabRun(page, name, place).look()
        except (CellError, OSError):  # told when the page is read
            record = None
        state[name] = record and [record[1][key] for key in keys]
    return json.dumps(state)


def commit_of(root) -> str:
    """The short commit of the sources, ``+`` behind it where they differ; "" without git."""
    def git(*words) -> str:
        return subprocess.run(["git", "-C", str(Path(root)), *words], capture_output=True,
                              text=True, check=False).stdout.strip()
    try:
        commit = git("rev-parse", "--short", "HEAD")
        return commit + ("+" if commit and git("status", "--porcelain", "-uno") else "")
    except OSError:
        return ""
