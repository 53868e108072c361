"""Publish what was measured: `measurements.json` and the traces, beside the pages.

The numbers are the kernels' own output, read again from the outputs of each cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from evidence import kinds
from evidence.measure import MIME
from tabcells.run.probe import hardware
from tabcells.sphinx_ext import page_runs

from .site import SITE, for_site, write_if_changed

logger = logging.getLogger(__name__)


class DownloadTraces(SphinxPostTransform):
    """A trace is a file to keep: a browser would show its text."""

    default_priority = 400
    builders = (SITE,)

    def run(self, **kwargs) -> None:
        for link in list(self.document.findall(nodes.reference)):
            if re.fullmatch(r"(\.\./)*traces/[^/]+\.json", link.get("refuri", "")):
                html = f'<a href="{escape(link["refuri"])}" download>{escape(link.astext())}</a>'
                link.replace_self(nodes.raw("", html, format="html"))


def evidence_of(app, docname) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each piece of evidence of a page, with the provenance of its run, in reading order."""
    for outputs, record in page_runs(app, docname).values():
        for cell in outputs:
            for output in cell:
                if MIME in output.get("data", {}):
                    yield output["data"][MIME], record


def machine_of(records) -> dict[str, Any]:
    """The machine of the newest of these runs; without runs, the one that renders."""
    newest = max(records, key=lambda record: record["date"], default=None)
    return {part: newest[part] for part in ("processor", "cores", "gpus")} if newest else hardware()


def collect(app) -> tuple[dict[str, Any], dict[str, Any]]:
    """The content of `measurements.json` and the traces, ``{name: Chrome trace}``."""
    parts = {part: [] for part in kinds.PARTS}
    runs, records, traces = [], [], {}
    for docname in sorted(app.env.found_docs):
        seen = set()
        for data, record in evidence_of(app, docname):
            if record["kernel"] not in seen:
                seen.add(record["kernel"])
                records.append(record)
                runs.append({"page": docname, "machine": machine_of([record]), **{
                    key: record[key] for key in (
                        "kernel", "date", "seconds", "versions", "commit")}})
            if "earlier" in data:
                logger.info("%s: %s, %s was measured once more, since its first readings decided "
                            "nothing", docname, data["framework"], data["experiment"])
            kind = kinds.of(data)
            parts[kind.part].append({**kind.published(data), "page": docname})
            traces.update(kind.traces(data))
    return {"machine": machine_of(records), "runs": runs, **parts}, traces


def publish(app, changed) -> None:
    out = Path(app.outdir)
    if not for_site(app.builder) or (not changed and (out / "measurements.json").exists()):
        return
    content, traces = collect(app)
    for name, trace in traces.items():
        write_if_changed(out / name, json.dumps(trace))
    for file in (out / "traces").glob("*.json"):
        if file.relative_to(out).as_posix() not in traces:
            file.unlink()
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_if_changed(out / "measurements.json", text)


def setup(app) -> None:
    touched: set[str] = set()  # pages read or removed in this build

    def note(app, env, docname) -> None:
        touched.add(docname)

    def finish(app, exception) -> None:
        if not exception:
            publish(app, bool(touched))

    app.add_post_transform(DownloadTraces)
    app.connect("env-purge-doc", note)
    app.connect("build-finished", finish)
