"""The outputs of a page's tabs: from the records, or from runs that are then recorded."""

from __future__ import annotations

import asyncio
import datetime
import functools
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sphinx.util import logging

from ..errors import CellError, RunError
from ..page.split import Page, tab_notebook
from ..settings import Settings
from . import files, gateway, imports, kernels
from .allowance import cut_at
from .execute import Runner, wait_for
from .folder import Folder
from .observe import Observer
from .store import Record, Records, key_of

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


class Summary(NamedTuple):
    """What a build remembers of a record.

    ``key`` names it; ``digest`` is its file's, or "" where it must be read again; ``build``,
    ``exact`` and ``files`` (path -> digest, or None) are what ``TabRun.look`` tells.
    """

    key: str
    digest: str
    code: str
    started: float
    build: str
    exact: bool
    files: dict[str, str] | None


class TabRun:
    """One tab of a page, ready to be looked up and to be run.

    :raises CellError: its kernel can't be found, or at a gateway not be reached; no file is what
        the front matter names
    """

    def __init__(self, page: Page, name: str, place: Place) -> None:
        self.page, self.name, self.place = page, name, place
        self.settings = place.settings
        self.tab, self.positions = self.settings.tabs[name], page.cells_of[name]
        self.records = _records(place.cache)
        bare = {"name": self.tab.kernel, "display_name": name}
        self.notebook = tab_notebook(page, name, bare, place.allow_errors)
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

    @functools.cached_property
    def key(self) -> str:
        return key_of(self.notebook)

    @property
    def code(self) -> str:
        return self.key.partition("-")[0]

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

    def summary(self, last: Summary | None = None) -> Summary | None:
        """What of ``look`` a page's state needs.

        :param last: of an earlier build; while the record's file is what it was then, it is not
            read again
        """
        if (last and last.digest and last.key == self.key and self.settings.execution == "cache"
                and self.records.digest(self.key) == last.digest):
            return last if self._is_exact(last.build, last.files) else None
        record = self.look()
        if not record:
            return None
        outputs, about = record
        whole = about["exact"] and cut_at(outputs) is None
        return Summary(self.key, about["digest"] if whole else "", about["code"], about["started"],
                       about["build"], about["exact"], about.get("files"))

    def look(self) -> Record | None:
        """``(outputs of each cell, provenance)`` that this build may show, or None.

        Provenance tells besides what the record holds whether the numbers are ``kept`` from
        before this build, and ``exact``: all that determines them is as it is here.
        """
        known, execution = _seen.setdefault(lookup_key(self.place), {}), self.settings.execution
        at = (self.name, self.key)
        if at not in known:
            build = self.place.build
            record = self.records.find(self.notebook) if self.kernel else None
            exact = record is not None and self._is_exact(
                record[1]["build"], record[1].get("files"))
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

    def _is_exact(self, build, read) -> bool:
        """Whether the files that a run of ``build`` has read are what they were.

        What ran in this build counts as current to its end, even if its own cells, or somebody,
        have changed such a file since.
        """
        return build == self.place.build or files.unchanged(read, self.place.root)

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
        started = time.time()
        event = {"docname": self.place.docname, "tab": self.name,
                 "kernel": self.tab.kernel, "key": self.key, "started": round(started, 3),
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
            self._log(event, time.time() - started - runner.waited, ok=False)
            raise self._named(error) from error
        seconds = time.time() - started - runner.waited
        self._log(event, seconds, ok=True)
        if runner.printed:
            logger.verbose("%s: [%s] its kernel printed:%s", self.page.path, self.name,
                           runner.printed)
        self.records.keep(done, {**self._provenance(started, seconds), "files": observer.files})

    def _log(self, event, seconds, ok) -> None:
        self.records.log(**event, seconds=round(seconds, 3), ok=ok)

    def _provenance(self, started, seconds) -> dict:
        assert self.kernel is not None, "what has run has a kernel"
        moment = datetime.datetime.fromtimestamp(started, datetime.timezone.utc)
        return {
            **self.kernel.survey["hardware"], "code": self.code, "tab": self.name,
            "docname": self.place.docname, "kernel": self.tab.kernel,
            "language": self.kernel.language, "started": started,
            "date": moment.isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
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

    :param jobs: how many tabs' cells run side by side.  With 1 it is the only worker in all builds
        from its first run to its end; else no two run the same tab at the same time
    :param turns: of all workers, ``jobs`` at a time; a kernel starts before its turn
    """

    def __init__(self, jobs: int, turns: asyncio.Semaphore) -> None:
        self.jobs, self.runner = jobs, Runner(turns)
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
            async with tab.records.running(tab.tell_waiting, tab.key):
                yield
            return
        if not self._alone:
            await self._held.enter_async_context(tab.records.running(tab.tell_waiting))
            self._alone = True
        yield


def work_off(tasks: Iterable[Task], work: Callable[[Task, Worker], Coroutine[Any, Any, Outcome]],
             jobs: int) -> list[Outcome]:
    """What ``work(task, worker)`` returns for each task, in their order.

    :param jobs: how many tabs' cells run side by side.  With more than one there is a worker more
        than jobs: its kernel starts, which mostly waits, while the cells of the others run
    """
    tasks = list(tasks)
    if not tasks:
        return []  # without an event loop
    outcomes: dict = {}
    turns = asyncio.Semaphore(jobs)

    async def take(numbered) -> None:
        async with Worker(jobs, turns) as worker:
            for number, task in numbered:
                outcomes[number] = await work(task, worker)

    async def take_all() -> None:
        numbered = enumerate(tasks)
        workers = [asyncio.ensure_future(take(numbered))
                   for _ in range(1 if jobs == 1 else jobs + 1)]
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

_records = functools.cache(Records)
RECENT = 8


def lookup_key(place: Place) -> tuple:
    """Lookups are shared by all that agree in these."""
    settings = place.settings
    return (place.cache, settings.execution, place.build, settings.gateway,
            settings.output_limit)


def begin() -> None:
    """Look at everything anew: a build begins, perhaps in a process that has done one."""
    _seen.clear()
    _records.cache_clear()
    build_name.cache_clear()
    commit_of.cache_clear()
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


def state_of(page: Page, place: Place,
             last: Mapping[str, Summary] | None = None) -> tuple[str, dict[str, Summary]]:
    """A text that differs when the page would show other outputs or another provenance.

    :param last: what an earlier call has returned besides: the summaries of the tabs' records
    """
    output_module = place.settings.output.rpartition(".")[0]
    state: dict = {"": output_module and imports.imports_of(
        (f"import {output_module}",), place.root)[0]}
    summaries = {}
    for name in page.cells_of:
        try:
            summary = TabRun(page, name, place).summary((last or {}).get(name))
        except (CellError, OSError):  # told when the page is read
            summary = None
        state[name] = None
        if summary:
            summaries[name] = summary
            state[name] = [summary.code, summary.started]
            if "{state}" in place.settings.provenance:
                state[name] += [summary.build != place.build, summary.exact]
    return json.dumps(state), summaries


@functools.cache
def commit_of(root) -> str:
    """The short commit of the sources, ``+`` behind it where they differ; "" without git.

    Asked once in a build, not for each of its runs.
    """
    def git(*words) -> str:
        return subprocess.run(["git", "-C", str(Path(root)), *words], capture_output=True,
                              text=True, check=False).stdout.strip()
    try:
        commit = git("rev-parse", "--short", "HEAD")
        return commit + ("+" if commit and git("status", "--porcelain", "-uno") else "")
    except OSError:
        return ""
