"""The commands of the extension: the table of its settings, a tab as a notebook to edit, and a
page of *Dive into Deep Learning* as MyST.

``python -m tabcells --help`` tells how they are called.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import nbformat.reader
from sphinx.config import Config
from sphinx.errors import ConfigError, SphinxError
from sphinx.util.tags import Tags

from . import d2l, settings
from .d2l import project
from .d2l.project import FILE, adopt, dialect_of
from .errors import CellError
from .page import edit
from .page.split import split
from .render.tables import settings_table


def main(words: list[str] | None = None) -> int:
    """Do what the command line says.

    :returns: the exit code; 2 with the trouble on stderr, and then nothing has been written
    """
    parser = argparse.ArgumentParser(prog="python -m tabcells", description=__doc__)
    commands = parser.add_subparsers(required=True)
    table = commands.add_parser("settings", help="print all settings as a table in Markdown")
    table.set_defaults(command=lambda _: print(settings_table(), end=""))
    notebook = commands.add_parser(
        "notebook", help="write one tab of a page as a notebook, or take its edited code back")
    notebook.add_argument("page", type=Path, help="a page, such as index.md")
    notebook.add_argument("tab", help="a name of tabcells_tabs in conf.py")
    way = notebook.add_mutually_exclusive_group()
    way.add_argument("-o", metavar="FILE", type=Path, dest="out",
                     help="the notebook to write; else it lies beside conf.py, where kernels start")
    way.add_argument("--back", metavar="FILE", type=Path,
                     help="the notebook whose edited code goes back into the page")
    notebook.set_defaults(command=_notebook)
    page = commands.add_parser("d2l", help="print a page in D2L's dialect as a MyST notebook")
    page.add_argument("page", type=Path, help="a page of a project with conf.py or config.ini")
    page.set_defaults(command=_print_as_myst)
    arguments = parser.parse_args(words)
    try:
        arguments.command(arguments)
    except (SphinxError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _notebook(arguments) -> None:
    file, tab = arguments.page.resolve(), arguments.tab
    folder = _folder_with("conf.py", file)
    if folder is None:
        raise ConfigError(f"there is no conf.py beside {arguments.page} or above it")
    name = str(file.relative_to(folder))
    if file.suffix == ".ipynb":
        raise CellError(name, 1, tab, "the page is a notebook already: edit it as it is")
    config = _config_of(folder)
    tabs = settings.read(config).tabs
    text = _text_of(file, name)
    dialect = dialect_of(config, name, text)
    if dialect and arguments.back:
        raise CellError(name, 1, tab, "code is not taken back into a page in D2L's dialect, where "
                        "one cell may be several tabs': edit it on the page")
    read = (functools.partial(d2l.read, path=name, tabs=list(tabs), dialect=dialect) if dialect
            else functools.partial(split, path=name, tabs=list(tabs), folder=str(folder)))
    page = read(text)
    if page is None or tab not in page.cells_of:
        raise CellError(name, 1, tab, "the page has no cell of this tab")
    if arguments.back:
        _take_back(file, text, read, tab, arguments.back)
        return
    stem = "-".join(Path(name).with_suffix("").parts)
    out = arguments.out or folder / f"{stem}.{tab}.tabcells.ipynb"
    written = nbformat.writes(edit.write_tab(page, tab, tabs[tab].kernel))
    try:
        with out.open("x", encoding="utf-8") as opened:
            opened.write(written + "\n")
    except FileExistsError:
        raise CellError(out, 1, tab, "the notebook exists already and may hold edits: take them "
                        "back, then remove it, or name another file by -o") from None
    print(f"wrote {out}; kernel {tabs[tab].kernel}")


def _take_back(file, text, read, tab, notebook_file) -> None:
    text_of_notebook = notebook_file.read_text("utf-8", errors="replace")
    try:  # not by `nbformat.reads`, which makes ids up and logs what is wrong
        edited = nbformat.reader.reads(text_of_notebook)
        edit.restore_ids(edited)
        if edited.nbformat < 4:
            raise ValueError(f"it is of Jupyter's format {edited.nbformat}, and formats from 4 on "
                             "are taken back")
        json.dumps(edited, ensure_ascii=False).encode()  # half a character can't be written
        with warnings.catch_warnings():  # `take_back` says what is wrong with ids
            warnings.simplefilter("ignore")
            nbformat.validate(edited)
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise CellError(notebook_file, 1, tab, f"not a notebook: {reason}") from error
    new, renewed = edit.take_back(text, read, tab, edited)
    if new == text:
        print(f"{file.name} has the notebook's code already")
    else:
        _write(file, new)
        print(f"took the notebook's code back into {file.name}")
    _write(notebook_file, nbformat.writes(renewed) + "\n")


def _print_as_myst(arguments) -> None:
    """Print a page as MyST, and its warnings on stderr; conf.py and config.ini name the tabs."""
    file = arguments.page.resolve()
    folder = _folder_with("conf.py", file) or _folder_with(FILE, file)
    if folder is None:
        raise ConfigError(f"there is neither conf.py nor {FILE} beside {arguments.page} or above "
                          "it; they name the tabs of a page")
    name = str(file.relative_to(folder))
    if (folder / "conf.py").is_file():
        config = _config_of(folder)
        about, tabs = config.tabcells_d2l, list(settings.read(config).tabs)
    else:
        about, tabs = {}, list(project.read(folder).tabs)
    dialect = d2l.Dialect(about.get("default") or next(iter(tabs), ""),
                          frozenset(about.get("without", ())))
    page = d2l.read(_text_of(file, name), name, tabs, dialect)
    for line, sentence in page.warnings:
        print(f"{name}:{line}: {sentence}", file=sys.stderr)
    print(d2l.write(page), end="")


def _folder_with(name: str, file: Path) -> Path | None:
    return next((above for above in file.parents if (above / name).is_file()), None)


def _text_of(file: Path, name: str) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise CellError(name, 1, None, f"the page is not in UTF-8: {error}") from error


def _config_of(folder: Path) -> Config:
    """What conf.py of this folder sets; it is run for that, as Sphinx runs it.

    :raises ConfigError: it fails, or sets what can't work
    """
    config = Config.read(folder, overrides={}, tags=Tags())
    settings.register(SimpleNamespace(add_config_value=config.add))
    settings.read(config)
    if config.tabcells_d2l:
        config.add("myst_enable_extensions", set(), "env", [list, set])  # myst-parser's
        adopt(config, folder)
    return config


def _write(file: Path, text: str) -> None:
    """Write the whole file or, where that fails, leave it as it is."""
    file = file.resolve()
    beside = file.with_name(file.name + ".new")
    try:
        beside.write_bytes(text.encode("utf-8"))
        shutil.copymode(file, beside)
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
