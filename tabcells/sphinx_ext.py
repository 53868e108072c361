"""The two ends of the pipeline: pages in from Sphinx, tab sets out to it."""

from __future__ import annotations

import errno
import functools
import hashlib
import os
from pathlib import Path

import nbformat
from sphinx.builders.dummy import DummyBuilder
from sphinx.util import import_object, logging

from . import __version__, settings
from .errors import CellError
from .page.merge import merge
from .page.split import Page, split, without_prose
from .render import assets
from .render.nodes import GatherTabs, RenderTabs, TabProse
from .run import allowance, tabs
from .run.tabs import Place

logger = logging.getLogger(__name__)


def read_page(text: str, path: str, source: str, place: Place) -> nbformat.NotebookNode:
    """The reader that myst-nb calls: a page's text in, its executed notebook out.

    :param source: what errors call the file
    :raises CellError: the first trouble of the page
    """
    page = split(text, source, list(place.settings.tabs), place.root)
    assert page is not None, "read_source sends pages with tabs alone"
    records, errors = tabs.run_page(page, place)
    if errors:
        raise errors[0]
    languages = [record["language"] for _, record in records.values()] or ["python"]
    page.notebook.metadata.setdefault(
        "language_info", {"name": languages[0], "pygments_lexer": languages[0]})
    outputs = {tab: _present(records[tab][0], tab, place) if tab in records
               else _absent(page, tab, place) for tab in page.cells_of}
    return merge(page, outputs, {tab: _closing(place.settings, records.get(tab))
                                 for tab in page.cells_of})


def _present(cells, tab, place) -> list:
    """The outputs as the page shows them: the project's function may replace each."""
    dotted = place.settings.output
    present = import_object(dotted) if dotted else lambda output, _: [output]
    where = {"docname": place.docname, "tab": tab, "language": place.language}
    return [[nbformat.from_dict(new) for number, output in enumerate(outputs)
             for new in allowance.in_words(output, place.settings.cut)
             or present(output, {**where, "cell": f"{cell}-{number}"})]
            for cell, outputs in enumerate(cells)]


def _absent(page, tab, place) -> list:
    """In the place of outputs that are not on record: a notice under the tab's first cell."""
    outputs = [[] for _ in page.cells_of[tab]]
    if outputs:
        missing = place.settings.missing
        notice = {"text/markdown": missing, "text/plain": missing}
        outputs[0].append(nbformat.v4.new_output("display_data", data=notice))
    return outputs


def _closing(project: settings.Settings, record) -> str:
    """The provenance of one tab's numbers, as Markdown."""
    if not project.provenance:
        return ""
    if not record:
        return project.missing
    _, provenance = record
    state = "new" if not provenance["kept"] else "kept" if provenance["exact"] else "other"
    versions = ", ".join(f"{name} {version}" for name, version in provenance["versions"].items())
    return project.provenance.format(**{
        **provenance, "state": project.states[state], "versions": versions or "-",
        "gpus": ", ".join(provenance["gpus"]) or "-", "commit": provenance["commit"] or "-"})


def check_config(app, config) -> None:
    """Refuse settings that can't work; forget what an earlier build of this process knew."""
    settings.refuse_unknown(config)
    settings.read(config)
    tabs.begin()
    _split.cache_clear()  # a page may load its code from files
    # Notebooks that tools write into the source folder are no pages.
    config.exclude_patterns.extend([config.tabcells_cache, "**/jupyter_execute", "jupyter_execute"])


def read_source(app, docname, content):
    """Route a page with tabs to our reader; check every other page for stray cells."""
    path = app.env.doc2path(docname)
    app.env.mystnb_config.custom_formats.pop(str(path), None)
    page = _split(content[0], *_location(app, docname), *app.config.tabcells_tabs)
    if page is None:
        _remember(app, docname, content[0], None, None)
        return
    place = place_of(app, docname)
    _remember(app, docname, content[0], page, tabs.state_of(page, place))
    # myst-nb takes the reader whose suffix is longest: a whole path is this page alone.
    app.env.mystnb_config.custom_formats[str(path)] = (
        f"{__name__}.read_page",
        {"path": str(path), "source": page.path, "place": place}, False)


def _location(app, docname) -> tuple[str, str]:
    """The source folder, and a page's path from there."""
    return str(app.srcdir), os.path.relpath(app.env.doc2path(docname), app.srcdir)


def place_of(app, docname) -> Place:
    """All that a page's run depends on besides its text."""
    project = settings.read(app.config)
    return Place(settings=project, docname=docname, root=str(app.srcdir),
                 kernels=str(Path(app.confdir, project.kernels)), cache=str(cache_folder(app)),
                 language=app.config.language, build=tabs.build_name())


def cache_folder(app) -> Path:
    """Where records are kept: ``tabcells_cache``, from the folder of conf.py.

    Where nobody has set it and it can't be made, because the sources are read-only, a folder
    beside Sphinx's own environment.
    """
    folder = Path(app.confdir, app.config.tabcells_cache)
    chosen = app.config.tabcells_cache != app.config.values["tabcells_cache"].default
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if chosen or there == folder or os.access(there, os.W_OK):
        return folder
    return Path(app.doctreedir, "tabcells")


def page_of(app, docname) -> Page | None:
    """The page as ``split`` reads it, perhaps without its prose; None without tabs.

    :raises CellError: see ``split``
    """
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".md" or not path.exists():
        return None
    text = path.read_text("utf-8-sig")
    known = app.env.metadata[docname].get("tabcells")
    if known and known["text"] == _digest(app, text):
        return known["page"]
    return _split(text, *_location(app, docname), *app.config.tabcells_tabs)


def _remember(app, docname, text, page: Page | None, state: str | None) -> None:
    """Keep with Sphinx's environment what ``page_of`` and ``outdated`` would else work out."""
    loads = page and any("load" in cell.metadata for cell in page.notebook.cells)
    app.env.metadata[docname]["tabcells"] = {
        # A page that loads code from files is split again: its own text does not tell.
        "text": "" if loads else _digest(app, text), "page": page and without_prose(page),
        "state": state}


def _digest(app, text) -> str:
    """All that ``split`` makes a page of, but for files that its cells load."""
    return hashlib.sha256(repr((__version__, list(app.config.tabcells_tabs), text)).encode(
        errors="replace")).hexdigest()


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
    return tabs.run_page(page, place_of(app, docname))[0] if page else {}


def outdated(app, env, added, changed, removed):
    """Pages that would show other outputs, or another provenance, than when they were read."""
    docnames = []
    for docname in sorted(env.found_docs - added - changed):
        try:
            page = page_of(app, docname)
        except CellError:
            continue  # it was read like this, so it is said when it is read again
        if page and env.metadata[docname].get("tabcells", {}).get("state") != tabs.state_of(
                page, place_of(app, docname)):
            docnames.append(docname)
    return docnames


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

    Every trouble of every page is reported, in the pages' order; then the build ends here, with
    exit code 2.  Nothing has been saved by then, so the next build meets the same troubles.
    """
    async def errors_of(docname, worker):
        try:
            page = page_of(app, docname)
        except CellError as error:
            return [error]
        if page is None:
            return []
        records, errors = await tabs.obtain_page(page, place_of(app, docname), worker)
        for tab in page.cells_of:
            if tab not in records and not errors:
                logger.info("%s: [%s] no record: shown without outputs", page.path, tab)
        return errors

    alone = app.builder.name == ExecuteBuilder.name
    errors_by_page = tabs.work_off(sorted(env.found_docs if alone else docnames), errors_of,
                                   app.config.tabcells_jobs)
    errors = [error for page_errors in errors_by_page for error in page_errors]
    for error in errors:
        logger.error("%s", error)
    if errors or alone:
        # Sphinx would bury a SphinxError under its own state; the words above are enough.
        raise SystemExit(2 if errors else 0)


class ExecuteBuilder(DummyBuilder):
    """`sphinx-build -b execute`: run what must run, on every page, and render nothing."""

    name = "execute"
    epilog = ""


def setup(app):
    app.setup_extension("myst_nb")
    app.setup_extension("sphinx_tabs.tabs")
    settings.register(app)
    app.add_builder(ExecuteBuilder)
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
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True,
            "parallel_write_safe": True}
