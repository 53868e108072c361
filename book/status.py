"""`{build-status}`: what ran where, when and for how long; the same as `status.json`.

All of it is read from the runs themselves, and the page is read again when they, a page, the
commit or a tool differ from what it tells.  A run is fresh when this `make html` made it, for
whichever language.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tabcells.run.tabs import commit_of
from tabcells.sphinx_ext import page_runs
from tabcells.words import moment

from .site import for_site
from .status_words import WORDS, duration

#: What a cell prints when it leaves its work out; the whole line is the reason.
SKIPPED = "not run here"


def collect(app) -> dict[str, Any]:
    """The content of `status.json` (see status.schema.json)."""
    pages = []
    for docname in sorted(app.env.found_docs):
        runs = [run_status(app, tab, outputs, record)
                for tab, (outputs, record) in page_runs(app, docname).items()]
        if runs:
            pages.append({"page": docname, "runs": runs})
    return {"began": app.config.book_began, "source": commit_of(app.srcdir),
            "tools": {"python": platform.python_version(), **{
                name: importlib.metadata.version(name)
                for name in ("sphinx", "myst-nb", "furo")}},
            "seconds": round(sum(run["seconds"] for page in pages for run in page["runs"]), 1),
            "pages": pages}


def run_status(app, tab, outputs, record) -> dict[str, Any]:
    """One run of a page: where, when, how long, and the cells that did not go as usual."""
    skipped, errors = [], []
    for number, cell in enumerate(outputs, 1):
        for output in cell:
            skipped += [{"cell": number, "reason": line.strip()}
                        for line in output.get("text", "").splitlines() if SKIPPED in line]
            if output["output_type"] == "error":
                errors.append({"cell": number, "error": f"{output['ename']}: {output['evalue']}"})
    return {"tab": tab, "label": app.config.tabcells_tabs[tab]["label"],
            "kernel": record["kernel"], "cells": len(outputs), "date": record["date"],
            "seconds": record["seconds"], "fresh": not record["kept"],
            "machine": {part: record[part] for part in ("processor", "cores", "gpus")},
            "versions": record["versions"], "commit": record["commit"],
            "skipped": skipped, "errors": errors}


class BuildStatus(SphinxDirective):
    """The facts of this build, then each page's runs."""

    def run(self) -> list[nodes.Node]:
        status, language = self.env.events.emit_firstresult("book-status"), self.config.language
        self.env.metadata[self.env.docname]["build-status"] = json.dumps(status)
        return self.parse_text_to_nodes(
            "\n".join(markdown(status, language)), allow_section_headings=False)


def markdown(status, language) -> list[str]:
    """The lines that a reader sees, as Markdown."""
    say = WORDS[language]
    runs = [run for page in status["pages"] for run in page["runs"]]
    lines = ["* " + text for text in (
        say["built"].format(moment=moment(status["began"], language),
                            source=status["source"] or "–"),
        say["tools"].format(tools=", ".join(f"{n} {v}" for n, v in status["tools"].items())),
        say["all" if runs and all(run["fresh"] for run in runs) else "total"].format(
            runs=len(runs), fresh=sum(run["fresh"] for run in runs),
            duration=duration(status["seconds"], language)))]
    for page in status["pages"]:
        lines += ["", f"**{{doc}}`/{page['page']}`**", ""]
        for run in page["runs"]:
            lines += run_lines(run, language)
    return lines


def run_lines(run, language) -> Iterator[str]:
    say, machine = WORDS[language], run["machine"]
    yield "* " + say["run"].format(
        label=run["label"], cells=run["cells"], duration=duration(run["seconds"], language),
        moment=moment(run["date"], language), state=say["fresh" if run["fresh"] else "kept"])
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    yield "  * " + say["where"].format(
        processor=machine["processor"], cores=machine["cores"],
        gpus=", ".join(machine["gpus"]) or say["none"], kernel=run["kernel"],
        versions=versions or "–", commit=run["commit"] or "–")
    for kind, key in (("skipped", "reason"), ("errors", "error")):
        for cell in run[kind]:
            text = cell[key].replace("`", "'").replace("\n", " ")
            yield "  * " + say[kind].format(cell=cell["cell"], text=text)


def statuses_as_read(env) -> dict[str, dict[str, Any]]:
    """``{docname: status}`` of the pages that show one, as they were read."""
    return {docname: json.loads(known["build-status"])
            for docname, known in env.metadata.items() if "build-status" in known}


def publish(app, exception) -> None:
    """Write what the page shows; where no page shows it, what is so now."""
    if exception or not for_site(app.builder):
        return
    status = next(iter(statuses_as_read(app.env).values()), None) or collect(app)
    text = json.dumps(status, indent=1, ensure_ascii=False) + "\n"
    Path(app.outdir, "status.json").write_text(text, "utf-8")


def read_again(app, env, docnames) -> None:
    """Add the page to those to be read: it tells of this build where anything differs.

    Runs are on record by now.  The book for print or an e-reader shows what the site showed.
    """
    if not for_site(app.builder):
        return
    for docname, status in statuses_as_read(env).items():
        now = {**collect(app), "began": status["began"]}
        if docname not in docnames and (docnames or now != status):
            docnames.append(docname)


def check_began(app, config) -> None:
    """Without a word from the Makefile, the build began now."""
    if not config.book_began:
        now = datetime.datetime.now(datetime.timezone.utc)
        config.book_began = now.isoformat(timespec="seconds")


def setup(app) -> None:
    app.add_config_value("book_began", "", "", [str])
    app.add_directive("build-status", BuildStatus)
    app.add_event("book-status")  # Sphinx gives the app to who answers an event, to no directive
    app.connect("book-status", collect)
    app.connect("config-inited", check_began)
    app.connect("env-before-read-docs", read_again)
    app.connect("build-finished", publish)
