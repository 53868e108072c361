"""The outputs of a page's tabs: from the records, or from runs that are then recorded."""

from __future__ import annotations

import datetime
import functools
import json
import os
import subprocess
import time
from pathlib import Path

from sphinx.util import logging

from . import cache, gateway, imports, kernels
from .allowance import cut_at
from .cache import Records, code_of
from .errors import CellError, RunError
from .execute import run
from .split import Page, tab_notebook

logger = logging.getLogger(__name__)

#: What `tabcells_execution` may be.
MODES = ("cache", "force", "off")


class Tab:
    """One tab of a page, ready to be looked up and to be run.

    :param options: the plain values of ``tabcells.sphinx_ext.options_of``
    :raises CellError: its kernel can't be found, or at a gateway not be reached
    """

    def __init__(self, page: Page, name: str, options: dict):
        self.page, self.name, self.options = page, name, options
        self.settings, self.positions = options["tabs"][name], page.cells_of[name]
        self.records = Records(options["cache"])
        bare = {"name": self.settings["kernel"], "display_name": name}
        self.notebook = tab_notebook(page, name, bare)
        self.code = code_of(self.notebook)
        self.helpers: dict = {}
        try:
            self.kernel = self._find_kernel()
        except RunError as error:
            if options["execution"] != "off":
                raise self._named(error) from error
            self.kernel = None  # what is on record needs no kernel
            return
        packages = self.settings.get("packages", ())
        modules: frozenset = frozenset()
        if self.kernel.language == "python":
            self.helpers, modules = imports.imports_of(
                tuple(cell.source for cell in self.notebook.cells), options["root"])
        self.notebook.metadata.kernelspec = {
            **bare, "display_name": "", "language": self.kernel.language,
            "definition": self.kernel.definition,
            "environment": self.kernel.environment(self.helpers, modules, packages)}

    def _find_kernel(self):
        name, options = self.settings["kernel"], self.options
        if options["gateway"] and options["execution"] != "off":
            return gateway.remote_kernel(name, options["gateway"], options["root"])
        return kernels.local_kernel(name, options["kernels"], options["root"])

    def look(self):
        """``(outputs of each cell, provenance)`` that this build may show, or None.

        Provenance tells besides what the record holds whether the numbers are ``kept`` from
        before this build, and ``exact``: all that determines them is as it is here.
        """
        known, options = _seen.setdefault(options_key(self.options), {}), self.options
        at = (self.name, self.code, json.dumps(self.notebook.metadata, sort_keys=True))
        if at not in known:
            found, exact = self.kernel and self.records.find(self.notebook), True
            if not found and options["execution"] == "off":
                found, exact = self.records.newest(self.code), False
            if found and options["execution"] == "force" and found[1]["build"] != options["build"]:
                found = None
            if not found or (options["execution"] != "off"
                             and cut_at(found[0]) not in (None, options["limit"])):
                return None
            outputs, told = found
            known[at] = outputs, {**told, "exact": exact, "kept": told["build"] != options["build"]}
            if len(known) > RECENT:
                del known[next(iter(known))]  # the oldest
        return known[at]

    def obtain(self):
        """The same, run when there is nothing to show; None if it may not run.

        :raises CellError: a cell failed; a failed run is not kept
        """
        found = self.look()
        if found or self.options["execution"] == "off":
            return found
        with self.records.running(self._tell_waiting):
            if not self.look():  # the build that we waited for may have made it
                self._run()
        return self.look()

    def _run(self):
        started, key = time.time(), self.records.key(self.notebook)
        event = {"docname": self.options["docname"], "tab": self.name,
                 "kernel": self.settings["kernel"], "key": key, "started": round(started, 3),
                 "cells": len(self.positions)}
        limit = self.page.timeout or self.options["timeout"]
        timeouts = [float(self.page.notebook.cells[i].metadata.get("timeout", limit))
                    for i in self.positions]
        try:
            done = run(self.notebook, self.kernel, timeouts, self._progress,
                       self.options["root"], self.helpers, self.options["limit"])
        except RunError as error:
            logger.info("")
            self._log(event, ok=False)
            raise self._named(error) from error
        self._log(event, ok=True)
        self.records.keep(done, self._provenance(started))

    def _log(self, event, ok):
        self.records.log(**event, seconds=round(time.time() - event["started"], 3), ok=ok)

    def _provenance(self, started):
        moment = datetime.datetime.fromtimestamp(started, datetime.timezone.utc)
        return {
            **self.kernel.survey["hardware"], "code": self.code, "tab": self.name,
            "docname": self.options["docname"], "kernel": self.settings["kernel"],
            "language": self.kernel.language, "started": started,
            "date": moment.isoformat(timespec="seconds"),
            "seconds": round(time.time() - started, 1),
            "versions": self.kernel.versions(self.settings.get("packages", ())),
            "commit": _commit(self.options["root"]), "build": self.options["build"]}

    def _progress(self, index, seconds):
        if seconds is None:
            logger.info("%s:%d: [%s] cell %d of %d ... ", self.page.path,
                        self.page.lines[self.positions[index]], self.name, index + 1,
                        len(self.positions), nonl=True)
        else:
            logger.info("%.2f s", seconds)

    def _tell_waiting(self):
        logger.info("%s: [%s] waiting for another build, which runs cells",
                    self.page.path, self.name)

    def _named(self, error):
        line = self.page.lines[self.positions[error.index]] if self.positions else 1
        return CellError(self.page.path, line, self.name, error.trouble)


#: What this process has looked up last: a page asks several times, and then shows one record,
#: even if another build replaces it. Not all: the outputs of many pages fill the memory.
_seen: dict = {}
RECENT = 8


def options_key(options):
    """Lookups are shared by all that agree in these."""
    return tuple(options[name] for name in ("cache", "execution", "build", "gateway", "limit"))


def begin():
    """Look at everything anew: a build begins, perhaps in a process that has done one."""
    _seen.clear()
    cache.forget()
    build_name.cache_clear()
    kernels.forget()
    imports.forget()
    gateway.forget()


@functools.cache
def build_name():
    """The name of this build.

    Several runs of Sphinx (one per language) are one build where ``TABCELLS_BUILD`` says so.
    """
    return os.environ.get("TABCELLS_BUILD") or f"{time.time_ns()}-{os.getpid()}"


def run_page(page: Page, options: dict):
    """Each tab of a page: ``{tab: (outputs, provenance)}``, and the ``CellError`` met.

    A tab that has no record and may not run is left out.
    """
    found, troubles = {}, []
    for name in page.cells_of:
        try:
            shown = Tab(page, name, options).obtain()
        except CellError as error:
            troubles.append(error)
        except OSError as error:
            line = page.lines[page.cells_of[name][0]] if page.cells_of[name] else 1
            troubles.append(CellError(page.path, line, name, "the folder of the runs, "
                                      f"{options['cache']}, can't be used: {error}"))
        else:
            if shown:
                found[name] = shown
    return found, troubles


def state_of(page: Page, options: dict) -> str:
    """A text that differs when the page would show other outputs or another provenance."""
    show = options["output"].rpartition(".")[0]
    shows = ["code", "started"]
    if "{state}" in options["provenance"]:
        shows += ["kept", "exact"]
    state: dict = {"": show and imports.imports_of((f"import {show}",), options["root"])[0]}
    for name in page.cells_of:
        try:
            shown = Tab(page, name, options).look()
        except (CellError, OSError):  # told when the page is read
            shown = None
        state[name] = shown and [shown[1][key] for key in shows]
    return json.dumps(state)


def _commit(root):
    """The short commit of the sources, ``+`` behind it where they differ; "" without git."""
    def git(*words):
        return subprocess.run(["git", "-C", str(Path(root)), *words], capture_output=True,
                              text=True, check=False).stdout.strip()
    try:
        commit = git("rev-parse", "--short", "HEAD")
        return commit + ("+" if commit and git("status", "--porcelain", "-uno") else "")
    except OSError:
        return ""
