"""The two ends of the pipeline: pages in from Sphinx, tab sets out to it."""

from __future__ import annotations

import errno
import functools
import os
from pathlib import Path

import nbformat
from sphinx.builders.dummy import DummyBuilder
from sphinx.errors import ConfigError
from sphinx.util import import_object, logging

from . import __version__, allowance, assets, runs
from .errors import CellError
from .merge import merge
from .nodes import GatherTabs, RenderTabs, TabProse
from .split import split

logger = logging.getLogger(__name__)


def read_page(text: str, path: str, shown: str, options: dict):
    """The reader that myst-nb calls: a page's text in, its executed notebook out.

    :raises CellError: the first trouble of the page
    """
    page = split(text, shown, list(options["tabs"]), options["root"])
    assert page is not None, "read_source sends pages with tabs alone"
    found, troubles = runs.run_page(page, options)
    if troubles:
        raise troubles[0]
    languages = [record["language"] for _, record in found.values()] or ["python"]
    page.notebook.metadata.setdefault(
        "language_info", {"name": languages[0], "pygments_lexer": languages[0]})
    outputs = {tab: _present(found[tab][0], tab, options) if tab in found
               else _absent(page, tab, options) for tab in page.cells_of}
    return merge(page, outputs, {tab: _closing(options, found.get(tab)) for tab in page.cells_of})


def _present(cells, tab, options):
    """The outputs as the page shows them: the project's function may replace each."""
    show = import_object(options["output"]) if options["output"] else lambda output, _: [output]
    where = {"docname": options["docname"], "tab": tab, "language": options["language"]}
    return [[nbformat.from_dict(new) for number, output in enumerate(outputs)
             for new in allowance.in_words(output, options["cut"])
             or show(output, {**where, "cell": f"{cell}-{number}"})]
            for cell, outputs in enumerate(cells)]


def _absent(page, tab, options):
    """In the place of outputs that are not on record: a notice under the tab's first cell."""
    outputs = [[] for _ in page.cells_of[tab]]
    if outputs:
        notice = {"text/markdown": options["missing"], "text/plain": options["missing"]}
        outputs[0].append(nbformat.v4.new_output("display_data", data=notice))
    return outputs


def _closing(options, found):
    """The provenance of one tab's numbers, as Markdown."""
    if not options["provenance"]:
        return ""
    if not found:
        return options["missing"]
    record = found[1]
    state = "new" if not record["kept"] else "kept" if record["exact"] else "other"
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return options["provenance"].format(**{
        **record, "state": options["states"][state], "versions": versions or "-",
        "gpus": ", ".join(record["gpus"]) or "-", "commit": record["commit"] or "-"})


#: Where records are kept, in the folder of conf.py.
CACHE = "_build/tabcells"

#: What follows the outputs of a cell that printed too much.
CUT = "*Cut here: {dropped} MB more. Of each cell {limit} MB are kept.*"

#: What `{state}` says in the template of the provenance, where the project has no words.
STATES = {
    "new": "Measured in this build.",
    "kept": "Kept from an earlier run; nothing that determines the outputs has changed since.",
    "other": "Kept from an earlier run of this code, with other packages or on another machine.",
}


def check_config(app, config):
    """Refuse settings that can't work; forget what an earlier build of this process knew."""
    for name, tab in config.tabcells_tabs.items():
        if not isinstance(tab, dict) or not {"label", "kernel"} <= set(tab):
            raise ConfigError(f"tabcells_tabs[{name!r}] needs a label and a kernel, got {tab!r}")
    if config.tabcells_execution not in runs.MODES:
        raise ConfigError(f"tabcells_execution is {config.tabcells_execution!r}; it may be "
                          f"{', '.join(map(repr, runs.MODES))}")
    runs.begin()
    _split.cache_clear()  # a page may load its code from files
    # Notebooks that tools write into the source folder are no pages.
    config.exclude_patterns.extend([config.tabcells_cache, "**/jupyter_execute", "jupyter_execute"])


def read_source(app, docname, content):
    """Route a page with tabs to our reader; check every other page for stray cells."""
    path = app.env.doc2path(docname)
    app.env.mystnb_config.custom_formats.pop(str(path), None)
    page = _split(content[0], *_place(app, docname), *app.config.tabcells_tabs)
    if page is None:
        return
    options = options_of(app, docname)
    app.env.metadata[docname]["tabcells"] = runs.state_of(page, options)
    # myst-nb takes the reader whose suffix is longest: a whole path is this page alone.
    app.env.mystnb_config.custom_formats[str(path)] = (
        f"{__name__}.read_page",
        {"path": str(path), "shown": page.path, "options": options}, False)


def _place(app, docname) -> tuple[str, str]:
    """The source folder, and a page's path from there."""
    return str(app.srcdir), os.path.relpath(app.env.doc2path(docname), app.srcdir)


def options_of(app, docname):
    """All that a page's run depends on, in plain values: Sphinx pickles them."""
    config = app.config
    return {"tabs": config.tabcells_tabs, "timeout": config.tabcells_timeout,
            "kernels": str(Path(app.confdir, config.tabcells_kernels)),
            "cache": str(cache_folder(app)),
            "root": str(app.srcdir), "docname": docname, "language": config.language,
            "provenance": config.tabcells_provenance, "output": config.tabcells_output,
            "states": {**STATES, **config.tabcells_states}, "missing": config.tabcells_missing,
            "execution": config.tabcells_execution, "build": runs.build_name(),
            "gateway": config.tabcells_gateway, "limit": config.tabcells_output_limit,
            "cut": config.tabcells_cut}


def cache_folder(app) -> Path:
    """Where records are kept: ``tabcells_cache``, from the folder of conf.py.

    Where nobody has set it and it can't be made, because the sources are read-only, a folder
    beside Sphinx's own environment.
    """
    folder = Path(app.confdir, app.config.tabcells_cache)
    chosen = app.config.tabcells_cache != CACHE
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if chosen or there == folder or os.access(there, os.W_OK):
        return folder
    return Path(app.doctreedir, "tabcells")


def page_of(app, docname):
    """The page as ``split`` reads it; None without tabs.

    :raises CellError: see ``split``
    """
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".md" or not path.exists():
        return None
    return _split(path.read_text("utf-8-sig"), *_place(app, docname), *app.config.tabcells_tabs)


@functools.lru_cache(maxsize=100)
def _split(text, folder, path, *tabs):
    """As ``split``, which a build asks several times of a page; nobody changes the answer."""
    return split(text, path, list(tabs), folder)


def page_runs(app, docname):
    """What a page shows: ``{tab: (outputs of each cell, provenance)}``; {} without tabs.

    For other extensions, once pages are being read: nothing is executed then.  A tab that
    has no record, in a build that may not execute, is left out.
    """
    page = page_of(app, docname)
    return runs.run_page(page, options_of(app, docname))[0] if page else {}


def outdated(app, env, added, changed, removed):
    """Pages that would show other outputs, or another provenance, than when they were read."""
    found = []
    for docname in sorted(env.found_docs - added - changed):
        try:
            page = page_of(app, docname)
        except CellError:
            continue  # it was read like this, so it is said when it is read again
        if page and env.metadata[docname].get("tabcells") != runs.state_of(
                page, options_of(app, docname)):
            found.append(docname)
    return found


def check_folders(app, *_):
    """End a build that can't write its pages before it spends hours on cells."""
    for folder in (app.outdir, app.doctreedir):
        if not os.access(folder, os.W_OK):
            logger.error("the folder %s can't be written to: see whether it is read-only", folder)
            raise SystemExit(2)
    if (folder := cache_folder(app)) != Path(app.confdir, app.config.tabcells_cache):
        logger.info("the source folder is read-only: what runs is kept in %s", folder)


def tell_disk(app, exception):
    """A full disk in one line, in the place of Sphinx's traceback."""
    if isinstance(exception, OSError) and exception.errno in (errno.ENOSPC, errno.EDQUOT,
                                                              errno.EROFS):
        logger.error("this build can't write into %s or %s: %s", app.outdir, app.doctreedir,
                     exception)
        raise SystemExit(2)


def execute_first(app, env, docnames):
    """Check and run pages before any is read, in this process: Sphinx may read in many.

    Every trouble of every page is reported; then the build ends here, with exit code 2.
    Nothing has been saved by then, so the next build meets the same troubles.
    """
    alone = app.builder.name == ExecuteBuilder.name
    troubles = []
    for docname in sorted(env.found_docs if alone else docnames):
        try:
            page = page_of(app, docname)
            if page is None:
                continue
            found, met = runs.run_page(page, options_of(app, docname))
        except CellError as error:
            troubles.append(error)
            continue
        troubles += met
        for tab in page.cells_of:
            if tab not in found and not met:
                logger.info("%s: [%s] no record: shown without outputs", page.path, tab)
    for trouble in troubles:
        logger.error("%s", trouble)
    if troubles or alone:
        # Sphinx would bury a SphinxError under its own state; the words above are enough.
        raise SystemExit(2 if troubles else 0)


class ExecuteBuilder(DummyBuilder):
    """`sphinx-build -b execute`: run what must run, on every page, and render nothing."""

    name = "execute"
    epilog = ""


def setup(app):
    app.setup_extension("myst_nb")
    app.setup_extension("sphinx_tabs.tabs")
    app.add_config_value("tabcells_tabs", {}, "env", [dict])
    app.add_config_value("tabcells_kernels", "kernels", "env", [str])
    app.add_config_value("tabcells_cache", CACHE, "", [str])
    app.add_config_value("tabcells_execution", "cache", "", [str])
    app.add_config_value("tabcells_gateway", "", "", [str])
    app.add_config_value("tabcells_timeout", 300, "", [int, float])
    app.add_config_value("tabcells_output", "", "env", [str])
    app.add_config_value("tabcells_output_limit", 5_000_000, "", [int])
    app.add_config_value("tabcells_cut", CUT, "env", [str])
    app.add_config_value("tabcells_provenance", "", "env", [str])
    app.add_config_value("tabcells_states", {}, "env", [dict])
    app.add_config_value("tabcells_missing", "Not executed here: no record.", "env", [str])
    app.add_config_value("tabcells_label", "Tabs", "env", [str])
    app.add_builder(ExecuteBuilder)
    app.add_config_value("tabcells_only", "Only in {}.", "env", [str])
    app.add_directive("tabcells-prose", TabProse)
    app.add_transform(GatherTabs)
    app.add_post_transform(RenderTabs)
    assets.setup(app)
    app.connect("config-inited", check_config)
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", check_folders)
    app.connect("env-before-read-docs", execute_first)
    app.connect("build-finished", tell_disk)
    app.connect("source-read", read_source)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
