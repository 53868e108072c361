"""The two ends of the pipeline: pages in from Sphinx, tab sets out to it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
from sphinx.errors import ConfigError
from sphinx.util import import_object, logging

from . import __version__, assets
from .errors import CellError
from .execute import RunError, cached_run, environment, find_kernel, local_imports
from .merge import merge
from .nodes import GatherTabs, RenderTabs, TabProse
from .split import split, tab_notebook

logger = logging.getLogger(__name__)


def read_page(text: str, path: str, shown: str, options: dict):
    """The reader that myst-nb calls: a page's text in, its executed notebook out.

    :raises CellError: the first trouble of the page
    """
    page = split(text, shown, list(options["tabs"]))
    runs, troubles = _run_page(page, options)
    if troubles:
        raise troubles[0]
    language = next(iter(runs.values()))[1]["language"]
    page.notebook.metadata.setdefault(
        "language_info", {"name": language, "pygments_lexer": language})
    return merge(page, {tab: _present(outputs, tab, options) for tab, (outputs, _) in runs.items()},
                 {tab: _closing(options["provenance"], record)
                  for tab, (_, record) in runs.items()})


def _present(cells, tab, options):
    """The outputs as the page shows them: the project's function may replace each."""
    if not options["output"]:
        return cells
    show = import_object(options["output"])
    return [[nbformat.from_dict(new) for number, output in enumerate(outputs)
             for new in show(output, {"docname": options["docname"], "tab": tab,
                                      "cell": f"{cell}-{number}",
                                      "language": options["language"]})]
            for cell, outputs in enumerate(cells)]


def _run_page(page, options):
    """Run each tab in turn: ``{tab: (outputs, provenance)}``, and the errors met."""
    runs, troubles = {}, []
    for tab in page.cells_of:
        try:
            runs[tab] = _run_tab(page, tab, options)
        except CellError as error:
            troubles.append(error)
    return runs, troubles


def _run_tab(page, tab, options):
    settings, positions = options["tabs"][tab], page.cells_of[tab]
    limit = page.timeout or options["timeout"]
    timeouts = [float(page.notebook.cells[i].metadata.get("timeout", limit)) for i in positions]

    def progress(index, seconds):
        if seconds is None:
            logger.info("%s:%d: [%s] cell %d of %d ... ", page.path,
                        page.lines[positions[index]], tab, index + 1, len(positions), nonl=True)
        else:
            logger.info("%.2f s", seconds)

    try:
        kernels, spec = find_kernel(settings["kernel"], options["kernels"])
        kernelspec = {**spec, "name": settings["kernel"], "environment": options["environment"]}
        notebook = tab_notebook(page, tab, kernelspec)
        kernelspec["helpers"] = local_imports(notebook, options["root"])
        notebook.metadata.kernelspec = kernelspec
        return cached_run(notebook, kernels, options["cache"], timeouts, progress,
                          options["root"], _commit(options["root"]), settings.get("packages", ()))
    except RunError as error:
        logger.info("")
        line = page.lines[positions[error.index]] if positions else 1
        raise CellError(page.path, line, tab, error.trouble) from error


def _closing(template, record):
    """The provenance of one run, as Markdown."""
    if not template:
        return ""
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return template.format(**{**record, "versions": versions or "-",
                              "gpus": ", ".join(record["gpus"]) or "-",
                              "commit": record["commit"] or "-"})


def _commit(root):
    """The short commit of the sources, ``+`` behind it where they differ; "" without git."""
    def git(*words):
        return subprocess.run(["git", "-C", root, *words], capture_output=True, text=True,
                              check=False).stdout.strip()
    try:
        commit = git("rev-parse", "--short", "HEAD")
        return commit + ("+" if commit and git("status", "--porcelain", "-uno") else "")
    except OSError:
        return ""


def check_config(app, config):
    """Refuse settings that can't work; let a changed environment re-read every page."""
    for name, tab in config.tabcells_tabs.items():
        if not isinstance(tab, dict) or not {"label", "kernel"} <= set(tab):
            raise ConfigError(f"tabcells_tabs[{name!r}] needs a label and a kernel, got {tab!r}")
    specs = []
    for tab in config.tabcells_tabs.values():
        try:
            specs.append(find_kernel(tab["kernel"], Path(app.confdir, config.tabcells_kernels))[1])
        except RunError:
            specs.append(None)  # a page that uses it will say so, with its line
    config.tabcells_environment = environment()
    # Notebooks that tools write into the source folder are no pages.
    config.exclude_patterns.extend([config.tabcells_cache, "**/jupyter_execute", "jupyter_execute"])
    config.tabcells_kernelspecs = specs


def read_source(app, docname, content):
    """Route a page with tabs to our reader; check every other page for stray cells."""
    path, shown = app.env.doc2path(docname), _shown(app, docname)
    app.env.mystnb_config.custom_formats.pop(str(path), None)
    page = split(content[0], shown, list(app.config.tabcells_tabs))
    if page is None:
        return
    for tab in page.cells_of:  # an edited helper outdates the page
        spec = {"name": tab, "display_name": tab, "language": "python"}
        notebook = tab_notebook(page, tab, spec)
        app.env.dependencies.setdefault(docname, set()).update(
            app.srcdir / name for name in local_imports(notebook, app.srcdir))
    # myst-nb takes the reader whose suffix is longest: a whole path is this page alone.
    app.env.mystnb_config.custom_formats[str(path)] = (
        f"{__name__}.read_page",
        {"path": str(path), "shown": shown, "options": _options(app, docname)}, False)


def _shown(app, docname):
    return os.path.relpath(app.env.doc2path(docname), app.srcdir)


def _options(app, docname):
    """All that a page's run depends on, in plain values: Sphinx pickles them."""
    config = app.config
    return {"tabs": config.tabcells_tabs, "timeout": config.tabcells_timeout,
            "kernels": str(Path(app.confdir, config.tabcells_kernels)),
            "cache": str(Path(app.confdir, config.tabcells_cache)),
            "root": str(app.srcdir), "docname": docname, "language": config.language,
            "provenance": config.tabcells_provenance, "output": config.tabcells_output,
            "environment": config.tabcells_environment}


def page_runs(app, docname):
    """What ran for a page: ``{tab: (outputs of each cell, provenance)}``; {} without tabs.

    For other extensions, once pages are being read: all comes from the cache then.
    """
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".md":
        return {}
    page = split(path.read_text("utf-8-sig"), _shown(app, docname), list(app.config.tabcells_tabs))
    return _run_page(page, _options(app, docname))[0] if page else {}


def execute_first(app, env, docnames):
    """Check and run pages before any is read, in this process: Sphinx may read in many.

    Every trouble of every page is reported; then the build ends here, with exit code 2.
    Nothing has been saved by then, so the next build meets the same troubles.
    """
    troubles = []
    for docname in sorted(docnames):
        path = Path(env.doc2path(docname))
        if path.suffix != ".md" or not path.exists():
            continue
        text = path.read_text("utf-8-sig")
        try:
            read_source(app, docname, [text])
        except CellError as error:
            troubles.append(error)
            continue
        page = split(text, _shown(app, docname), list(app.config.tabcells_tabs))
        if page:
            troubles += _run_page(page, _options(app, docname))[1]
    for error in troubles:
        logger.error("%s", error)
    if troubles:
        # Sphinx would bury a SphinxError under its own state; the words above are enough.
        raise SystemExit(2)


def setup(app):
    app.setup_extension("myst_nb")
    app.setup_extension("sphinx_tabs.tabs")
    app.add_config_value("tabcells_tabs", {}, "env", [dict])
    app.add_config_value("tabcells_kernels", "kernels", "env", [str])
    app.add_config_value("tabcells_cache", "_build/tabcells", "", [str])
    app.add_config_value("tabcells_timeout", 300, "", [int, float])
    app.add_config_value("tabcells_output", "", "env", [str])
    app.add_config_value("tabcells_provenance", "", "env", [str])
    app.add_config_value("tabcells_label", "Tabs", "env", [str])
    app.add_config_value("tabcells_only", "Only in {}.", "env", [str])
    app.add_config_value("tabcells_environment", "", "env", [str])
    app.add_config_value("tabcells_kernelspecs", [], "env", [list])
    app.add_directive("tabcells-prose", TabProse)
    app.add_transform(GatherTabs)
    app.add_post_transform(RenderTabs)
    assets.setup(app)
    app.connect("config-inited", check_config)
    app.connect("env-before-read-docs", execute_first)
    app.connect("source-read", read_source)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
