"""Publish what was measured: `measurements.json` and the traces, beside the pages.

The numbers are the kernels' own output, read again from the outputs of each cell.
"""

from __future__ import annotations

import json
from pathlib import Path

from evidence.measure import MIME
from evidence.page import trace_name
from evidence.trace import Bar, chrome_trace
from tabcells.execute import hardware
from tabcells.sphinx_ext import page_runs

from .paper import for_site


def evidence_of(app, docname):
    """Each piece of evidence of a page, with the provenance of its run, in reading order."""
    for outputs, record in page_runs(app, docname).values():
        for cell in outputs:
            for output in cell:
                if MIME in output.get("data", {}):
                    yield output["data"][MIME], record


def collect(app):
    """The content of `measurements.json` and the traces, ``{name: Chrome trace}``."""
    measurements, timelines, runs, traces = [], [], [], {}
    for docname in sorted(app.env.found_docs):
        seen = set()
        for data, record in evidence_of(app, docname):
            if record["kernel"] not in seen:
                seen.add(record["kernel"])
                runs.append({"page": docname, **{key: record[key] for key in (
                    "kernel", "date", "seconds", "versions", "commit")}})
            if data["kind"] != "timeline":
                measurements.append({**data, "page": docname})
                continue
            bars = [Bar(*bar) for bar in data["bars"]]
            traces[trace_name(data)] = chrome_trace(bars)
            timelines.append({**{key: value for key, value in data.items() if key != "bars"},
                              "lanes": list(dict.fromkeys(bar.lane for bar in bars)),
                              "trace": trace_name(data), "page": docname})
    return {"machine": hardware(), "runs": runs, "measurements": measurements,
            "timelines": timelines}, traces


def publish(app, exception):
    if exception or not for_site(app.builder):
        return
    content, traces = collect(app)
    out = Path(app.outdir)
    (out / "traces").mkdir(exist_ok=True)
    for name, trace in traces.items():
        _write(out / name, json.dumps(trace))
    _write(out / "measurements.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _write(path, text):
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def setup(app):
    app.connect("build-finished", publish)
