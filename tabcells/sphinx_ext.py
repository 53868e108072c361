"""The two ends of the pipeline: pages in from Sphinx, tab sets out to it."""

from __future__ import annotations

import dataclasses
import errno
import functools
import hashlib
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, NoReturn

import myst_nb
import nbformat
from myst_nb.core.config import custom_formats_converter
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.builders.dummy import DummyBuilder
from sphinx.errors import ConfigError
from sphinx.transforms import SphinxTransform
from sphinx.util import get_filetype, import_object, logging
from sphinx.util.typing import ExtensionMetadata

from . import __version__, d2l, settings
from .d2l import references
from .d2l.project import adopt, dialect_of
from .errors import CellError
from .page.merge import merge
from .page.split import Page, is_notebook, split, without_prose
from .render import assets, tables
from .render.nodes import (
    GatherTabs,
    SetLexers,
    TabProse,
    WholeMarkdown,
    add_post_transforms,
)
from .render.wellformed import whole
from .run import allowance, kernels, tabs
from .run.folder import Folder
from .run.store import Record, lexer_of
from .run.tabs import Place
from .words import decimal, moment

logger = logging.getLogger(__name__)

#: Where ``temp_data`` holds myst-nb's configuration while a page with tabs has one of its own.
_CONFIG_OF_ALL = "tabcells_mystnb_config"

#: Where a page's metadata hold what ``_remember`` keeps.  Not "tabcells": Sphinx puts the front
#: matter into the same mapping, where a page may say `tabcells: {…}`.
_MEMORY = "tabcells_page"

#: The pages (docnames) that myst-nb has handed to ``read_page`` in this process.
_handed_over: set[str] = set()


#: A reader of `nb_custom_formats`: its dotted name, and its options as JSON.
Reader = tuple[str, str]


def read_page(text: str, path: str, source: str, place: Place, reader: Reader | None = None,
              dialect: d2l.Dialect | None = None, taken: tuple[str, ...] = (),
              ) -> nbformat.NotebookNode:
    """The reader that myst-nb calls: a page's text in, its executed notebook out.

    :param source: what errors call the file
    :param reader: what the project reads such a file with
    :param dialect: that of a page in D2L's dialect
    :param taken: its labels that another page has defined
    :raises CellError: the first trouble of the page
    """
    page = _split(text, place.root, source, reader, dialect, *place.settings.tabs)
    assert page is not None, "read_source sends pages with tabs alone"
    page = d2l.without_labels(page, taken)
    _handed_over.add(place.docname)
    records, errors = tabs.run_page(page, place)
    if errors:
        raise errors[0]
    lexers = {tab: records[tab][1]["lexer"] if tab in records
              else lexer_of({"name": kernels.language_of(place.settings.tabs[tab].kernel,
                                                         place.kernels)})
              for tab in page.cells_of}
    outputs = {tab: _present(page, records[tab][0], tab, place) if tab in records
               else _absent(page, tab, place) for tab in page.cells_of}
    closing = {tab: _closing(place.settings, records.get(tab), place.language)
               for tab in page.cells_of}
    widgets = [provenance["widgets"] for _, provenance in records.values()]
    return merge(page, outputs, closing, lexers, widgets)


def _present(page, cells, tab, place) -> list:
    """The outputs as the page shows them: the project's function may replace each.

    Their HTML and SVG is made whole here and not in the records, which keep what a kernel said.
    """
    dotted = place.settings.output
    function = import_object(dotted) if dotted else lambda output, _: [output]
    where = {"docname": place.docname, "tab": tab, "language": place.language}

    def present(output, cell, number) -> list:
        try:
            return [nbformat.from_dict(whole(new)) for new in function(
                output, {**where, "cell": f"{cell}-{number}"})]
        except Exception as error:  # whatever the project's function raises
            frame = traceback.extract_tb(error.__traceback__)[-1]
            raise CellError(page.path, page.where(page.cells_of[tab][cell]), tab,
                            f"{dotted}, which tabcells_output names, raised "
                            f"{type(error).__name__}: {error} "
                            f"({Path(frame.filename).name}:{frame.lineno})") from error

    return [[new for number, output in enumerate(outputs)
             for new in allowance.in_words(output, place.settings.cut)
             or present(output, cell, number)] for cell, outputs in enumerate(cells)]


def _absent(page, tab, place) -> list:
    """In the place of outputs that are not on record: a notice under the tab's first cell."""
    outputs = [[] for _ in page.cells_of[tab]]
    if outputs:
        missing = place.settings.missing
        notice = {"text/markdown": missing, "text/plain": missing}
        outputs[0].append(nbformat.v4.new_output("display_data", data=notice))
    return outputs


def _closing(project: settings.Settings, record, language: str) -> str:
    """The provenance of one tab's numbers, as Markdown."""
    if not project.provenance:
        return ""
    if not record:
        return project.missing
    _, provenance = record
    state = "new" if not provenance["kept"] else "kept" if provenance["exact"] else "other"
    versions = ", ".join(f"{name} {version}" for name, version in provenance["versions"].items())
    return project.provenance.format(**{
        **provenance, "state": project.states[state], "versions": versions or project.none,
        "date": moment(provenance["date"], language),
        "seconds": decimal(provenance["seconds"], language),
        "gpus": ", ".join(provenance["gpus"]) or project.none,
        "commit": provenance["commit"] or project.none})


def check_config(app, config) -> None:
    """Refuse settings that can't work; forget what an earlier build of this process knew."""
    try:
        settings.refuse_unknown(config)
        project = settings.read(config)
        adopt(config, Path(app.srcdir))
        if (folder := _folder(app, "")) and (link := folder.missing()):
            raise ConfigError(f"tabcells_folder: there is no {link!r} in the source folder to "
                              "link to")
        if config.tabcells_kernels != config.values["tabcells_kernels"].default and not Path(
                kernels_folder(app, project)).is_dir():
            raise ConfigError("tabcells_kernels: there is no folder "
                              f"{config.tabcells_kernels!r} beside conf.py")
        if config.nb_metadata_key != "mystnb":
            raise ConfigError(f"nb_metadata_key is {config.nb_metadata_key!r}; it may be 'mystnb', "
                              "since tabcells reads a page's settings there")
        if project.output:
            _check_import("tabcells_output", project.output)
        _custom_formats(config)
    except ConfigError as error:
        _end(error)
    tabs.begin()
    _of_project.cache_clear()
    _split.cache_clear()  # a page may load its code from files
    if not project.gateway or project.execution == "off":
        kernels.ask_ahead({tab.kernel for tab in project.tabs.values()},
                          kernels_folder(app, project), str(app.srcdir))
    # Notebooks that tools write into the source folder are no pages.
    config.exclude_patterns.extend([config.tabcells_cache, "**/jupyter_execute", "jupyter_execute",
                                    "**.tabcells.ipynb"])


def _end(error: ConfigError) -> NoReturn:
    """The sentence is all that there is to say; Sphinx would put a traceback around it."""
    logger.error("%s", error)
    raise SystemExit(2) from error


def _custom_formats(config) -> dict[str, tuple[str, dict, bool]]:
    """The readers of `nb_custom_formats`: dotted name, options, whether as CommonMark."""
    try:
        return custom_formats_converter(config.nb_custom_formats)
    except TypeError as error:
        raise ConfigError(f"nb_custom_formats can't be read by myst-nb: {error}") from None


def _check_import(name: str, dotted: str) -> None:
    """Look whether what a setting names can be called, before hours of cells have run."""
    try:
        function = import_object(dotted)
    except Exception as error:  # whatever a module raises while it is imported
        cause = error.__cause__ or error
        raise ConfigError(f"{name}: {dotted!r} can't be imported ({type(cause).__name__}: "
                          f"{cause})") from None
    if not callable(function):
        raise ConfigError(f"{name}: {dotted!r} is no function")


def check_readers(app, env, added, changed, removed) -> list[str]:
    """Refuse a reader of `nb_custom_formats` that can't be called and has pages to read."""
    pages = [str(env.doc2path(docname)) for docname in env.found_docs]
    try:
        for suffix, (reader, *_) in _custom_formats(app.config).items():
            if any(page.endswith(suffix) for page in pages):
                _check_import(f"nb_custom_formats[{suffix!r}]", reader)
    except ConfigError as error:
        _end(error)
    return []  # no page is outdated by this


def read_source(app, docname, content) -> None:
    """Route a page with tabs to our reader; check every other page for stray cells."""
    page = _page(app, docname, content[0])
    if page is None:
        _remember(app, docname, content[0], None, None)
        return
    path = app.env.doc2path(docname)
    place = place_of(app, docname, page)
    reader, commonmark_only = _reader(app, path)
    _remember(app, docname, content[0], page, tabs.state_of(page, place))
    for line, sentence in page.warnings:
        logger.warning("%s", sentence, location=(docname, line), type="tabcells", subtype="d2l")
    records, errors = tabs.run_page(page, place)
    if records and not errors:
        _tell_table(app.env, docname, [provenance for _, provenance in records.values()])
    _handed_over.discard(docname)
    app.env.temp_data[_CONFIG_OF_ALL] = app.env.mystnb_config
    # Never run by myst-nb too, even where it can't use what the front matter says to it.
    app.env.mystnb_config = app.env.mystnb_config.copy(execution_mode="off", custom_formats={
        Path(page.path).suffix: (f"{__name__}.read_page", {
            "path": str(path), "source": page.path, "place": place, "reader": reader,
            "dialect": dialect_of(app.config, page.path, content[0]),
            "taken": references.taken(app.env, docname, page)},
            commonmark_only and not page.is_text)})


class EndReading(SphinxTransform):
    """Our reader goes once it has read its page.

    myst-nb chooses readers by suffix, and 1.1 reads each translated paragraph with it too.
    """

    default_priority = 1  # before paragraphs are translated

    def apply(self, **kwargs) -> None:
        if _CONFIG_OF_ALL not in self.env.temp_data:
            return
        env: Any = self.env  # myst-nb's attribute has no type
        env.mystnb_config = self.env.temp_data.pop(_CONFIG_OF_ALL)
        if self.env.docname not in _handed_over:  # else all tabs vanish without a word
            path = os.path.relpath(self.env.doc2path(self.env.docname), self.env.srcdir)
            raise CellError(path, 1, None, f"myst-nb {myst_nb.__version__} has not read this page "
                            "by tabcells: does source_suffix give .md to another parser?")


def _tell_table(env, docname, runs) -> None:
    """A row of myst-nb's `{nb-exec-table}`: all tabs of a page, which run one after another."""
    NbMetadataCollector.set_exec_data(env, docname, {
        "mtime": max(run["started"] for run in runs),
        "runtime": sum(run["seconds"] for run in runs), "method": "tabcells",
        "succeeded": True, "error": None, "traceback": None})


def _reader(app, path) -> tuple[Reader | None, bool]:
    """What the project reads a file with, if not as MyST or Jupyter; whether as CommonMark."""
    for suffix, (name, options, commonmark_only) in _custom_formats(app.config).items():
        if str(path).endswith(suffix):
            return (name, json.dumps(options, sort_keys=True)), commonmark_only
    return None, False


def _loaded(reader: Reader | None) -> Callable[[str], nbformat.NotebookNode] | None:
    if reader is None:
        return None
    name, options = reader
    return functools.partial(import_object(name), **json.loads(options))


def _location(app, docname) -> tuple[str, str]:
    """The source folder, and a page's path from there."""
    return str(app.srcdir), os.path.relpath(app.env.doc2path(docname), app.srcdir)


def place_of(app, docname, page) -> Place:
    """All that a page's run depends on besides its text; its settings are those of this page."""
    project, cache = _of_project(app)
    about = settings.of_page(app.config, page.path)
    if project.execution == "off":
        about.pop("execution", None)  # a build that may run nothing runs no page
    project = dataclasses.replace(project, **{
        name: about[name] for name in ("execution", "timeout") if about.get(name)})
    nb = app.env.mystnb_config
    return Place(settings=dataclasses.replace(project, execution=_execution(app, page, project)),
                 folder=_folder(app, page.path,
                                page.says("execution_in_temp", nb.execution_in_temp)),
                 docname=docname, root=str(app.srcdir),
                 kernels=kernels_folder(app, project), cache=cache,
                 language=app.config.language, build=tabs.build_name(),
                 allow_errors=page.says("execution_allow_errors", nb.execution_allow_errors))


@functools.lru_cache(maxsize=1)
def _of_project(app) -> tuple[settings.Settings, str]:
    """The settings, and the folder of the records: the same for each page."""
    return settings.read(app.config), str(cache_folder(app))


def _folder(app, path, in_temp=False) -> Folder | None:
    """The folder in which a page's kernels start, where it isn't that of the sources.

    :param in_temp: it is a new one where the project says nothing of it, as myst-nb's would be
    """
    about = app.config.tabcells_folder or ({"links": []} if in_temp else {})
    if not about:
        return None
    start = PurePath(path).parent if about.get("start") == "page" else ""
    return Folder(str(app.srcdir), tuple(about.get("links", ())), str(start))


def _execution(app, page, project) -> str:
    """How a page is executed: "cache", "force" or "off".

    A page that myst-nb would never run is never run.  Else `tabcells_execution` says it, and
    where that is not set myst-nb's mode, of the page or of the project.
    """
    nb = app.env.mystnb_config
    path = PurePath(app.srcdir, page.path)
    if page.execution_mode == "off" or any(map(path.match, nb.execution_excludepatterns)):
        return "off"
    mode = project.execution or page.execution_mode or nb.execution_mode
    return mode if mode in ("off", "force") else "cache"


def kernels_folder(app, project: settings.Settings) -> str:
    return str(Path(app.confdir, project.kernels))


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
    if not path.exists():
        return None
    text = path.read_text(app.config.source_encoding)  # as Sphinx reads it
    known = app.env.metadata[docname].get(_MEMORY)
    if known and known["text"] == _digest(app, docname, text):
        return known["page"]
    return _page(app, docname, text)


def _page(app, docname, text) -> Page | None:
    path = app.env.doc2path(docname)
    root, source = _location(app, docname)
    filetype = get_filetype(app.config.source_suffix, str(path))
    if filetype == "myst-nb":
        reader, _ = _reader(app, path)
        return _split(text, root, source, reader, dialect_of(app.config, source, text),
                      *app.config.tabcells_tabs)
    # myst-nb does not read it, so our reader would not either.
    if (source.endswith(".ipynb") or is_notebook(text, source)) and _split(
            text, root, source, None, None, *app.config.tabcells_tabs):
        raise CellError(source, 1, None, f"source_suffix gives this file to {filetype!r}, which "
                        "runs no tabs: give its suffix to 'myst-nb'")
    return None


def _remember(app, docname, text, page: Page | None,
              state: tuple[str, dict[str, tabs.Summary]] | None) -> None:
    """Keep with Sphinx's environment what ``page_of`` and ``outdated`` would else work out."""
    loads = "{include}" in text.lower() or (
        page and any("load" in cell.metadata for cell in page.notebook.cells))
    app.env.metadata[docname][_MEMORY] = {
        # A page that takes in other files is split again: its own text does not tell.
        "text": "" if loads else _digest(app, docname, text),
        "page": page and without_prose(page), "state": state}


def leave_out_memory(app, pagename, templatename, context, doctree) -> None:
    """Templates get a page's metadata without our part: builders that write JSON can't hold it."""
    if context.get("meta"):
        context["meta"] = {name: value for name, value in context["meta"].items()
                           if name != _MEMORY}


def _digest(app, docname, text) -> str:
    """All that ``split`` makes a page of, but for files that it takes in."""
    path, (_, source) = app.env.doc2path(docname), _location(app, docname)
    about = (__version__, list(app.config.tabcells_tabs), _reader(app, path),
             dialect_of(app.config, source, text),
             get_filetype(app.config.source_suffix, str(path)), text)
    return hashlib.sha256(repr(about).encode(errors="replace")).hexdigest()


@functools.lru_cache(maxsize=100)
def _split(text, folder, path, reader, dialect, *tabs) -> Page | None:
    """As ``split``, which a build asks several times of a page; nobody changes the answer."""
    if dialect:
        return d2l.read(text, path, list(tabs), dialect)
    return split(text, path, list(tabs), folder, _loaded(reader))


def page_runs(app, docname) -> dict[str, Record]:
    """What a page shows: ``{tab: (outputs of each cell, provenance)}``; {} without tabs.

    For other extensions, once pages are being read: nothing is executed then.  A tab that
    has no record, in a build that may not execute, is left out.
    """
    page = page_of(app, docname)
    return tabs.run_page(page, place_of(app, docname, page))[0] if page else {}


def outdated(app, env, added, changed, removed) -> list[str]:
    """Pages that would show other outputs, or another provenance, than when they were read."""
    docnames = []
    for docname in sorted(env.found_docs - added - changed):
        try:
            page = page_of(app, docname)
        except CellError:
            continue  # it was read like this, so it is said when it is read again
        if page is None:
            continue
        state, summaries = env.metadata[docname].get(_MEMORY, {}).get("state") or ("", {})
        if state != tabs.state_of(page, place_of(app, docname, page), summaries)[0]:
            docnames.append(docname)
    return docnames


def check_folders(app, *_) -> None:
    """End a build that can't write its pages before it spends hours on cells."""
    for folder in (app.outdir, app.doctreedir):
        if not os.access(folder, os.W_OK):
            logger.error("the folder %s can't be written to: see whether it is read-only", folder)
            raise SystemExit(2)
    if (folder := cache_folder(app)) != Path(app.confdir, app.config.tabcells_cache):
        logger.info("the source folder is read-only: what runs is kept in %s", folder)


def tell_disk(app, exception) -> None:
    """A full disk in one line, in the place of Sphinx's traceback."""
    if isinstance(exception, OSError) and exception.errno in (errno.ENOSPC, errno.EDQUOT,
                                                              errno.EROFS):
        logger.error("this build can't write into %s or %s: %s", app.outdir, app.doctreedir,
                     exception)
        raise SystemExit(2)


def execute_first(app, env, docnames) -> None:
    """Check and run pages before any is read, in this process: Sphinx may read in many.

    Every trouble of every page is reported, in the pages' order; then the build ends here, with
    exit code 2.  Nothing has been saved by then, so the next build meets the same troubles.
    """
    async def errors_of(docname, worker) -> list[CellError]:
        try:
            page = page_of(app, docname)
        except CellError as error:
            return [error]
        if page is None:
            return []
        place = place_of(app, docname, page)
        records, errors = await tabs.obtain_page(page, place, worker)
        for tab in page.cells_of:
            if tab not in records and not errors:
                logger.info("%s: [%s] no record: shown without outputs", page.path, tab)
            if tab in records and place.allow_errors:
                _tell_raised(page, tab, records[tab][0])
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


def _tell_raised(page, tab, outputs) -> None:
    """Name the first cell of a tab whose error stands in the page because the project allows it."""
    for position, printed in zip(page.cells_of[tab], outputs, strict=True):
        tags = page.notebook.cells[position].metadata.get("tags", ())
        for output in printed:
            if output.output_type == "error" and "raises-exception" not in tags:
                logger.info("%s:%s: [tab %s] the cell raised %s: %s", page.path,
                            page.where(position), tab, output.ename, output.evalue.split("\n")[0])
                return


class ExecuteBuilder(DummyBuilder):
    """`sphinx-build -b execute`: run what must run, on every page, and render nothing."""

    name = "execute"
    epilog = ""


def setup(app) -> ExtensionMetadata:
    app.setup_extension("myst_nb")
    app.setup_extension("sphinx_tabs.tabs")
    settings.register(app)
    app.add_builder(ExecuteBuilder)
    app.add_directive("tabcells-prose", TabProse)
    app.add_transform(SetLexers)
    app.add_transform(EndReading)
    app.add_transform(WholeMarkdown)
    app.add_transform(GatherTabs)
    assets.setup(app)
    references.setup(app)
    tables.setup(app)
    app.connect("config-inited", check_config)
    app.connect("builder-inited", add_post_transforms)
    app.connect("env-get-outdated", check_readers)  # before pages are read, by them
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", check_folders)
    app.connect("env-before-read-docs", execute_first)
    app.connect("build-finished", tell_disk)
    app.connect("source-read", read_source)
    app.connect("html-page-context", leave_out_memory)
    # Of the doctrees: another number, and pages that an earlier version left are read again.
    return {"version": __version__, "env_version": 3, "parallel_read_safe": True,
            "parallel_write_safe": True}
