"""What a project of D2L's old builder says of itself, in its `config.ini`."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path, PurePath

from sphinx.errors import ConfigError
from sphinx.util.matching import Matcher

from ..page.split import is_notebook
from ..settings import of_page
from . import Dialect

#: The old builder's file, in the folder of the sources.
FILE = "config.ini"


@dataclass(frozen=True)
class Project:
    """The tabs, in their order, patterns of files, and words about the book.

    What the file does not say is empty; the ``language`` is then "en".
    """

    tabs: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    title: str = ""
    author: str = ""
    release: str = ""
    language: str = "en"


def read(folder: Path) -> Project:
    """What the `config.ini` of this folder says, or nothing where there is none.

    :raises ConfigError: it can't be read
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(folder / FILE, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{FILE}, which tabcells_d2l reads, can't be read: {reason}") from None

    def words(name: str) -> tuple[str, ...]:
        return tuple(parser.get("build", name, fallback="").replace(",", " ").split())

    about = parser["project"] if parser.has_section("project") else {}
    return Project(tuple(tab.lower() for tab in words("tabs")),
                   words("notebooks") + words("rsts"), words("exclusions"),
                   about.get("title", ""), about.get("author", ""), about.get("release", ""),
                   about.get("lang", "") or "en")


def adopt(config, folder: Path) -> None:
    """Complete a Sphinx configuration by the project's file, where ``tabcells_d2l`` is set.

    What conf.py says comes first; of tabs it says which there are, the file in which order.

    :raises ConfigError: the file can't be read; there is no default tab
    """
    if not config.tabcells_d2l:
        return
    project, tabs = read(folder), config.tabcells_tabs
    about = {"pages": ["**"], "default": next(iter(project.tabs), ""), **config.tabcells_d2l}
    if about["default"] not in (*tabs, *about.get("without", ())):
        raise ConfigError(f"tabcells_d2l: the default tab, {about['default']!r}, is not in "
                          "tabcells_tabs; name another by `default`, or list it in `without`")
    order = [*(tab for tab in project.tabs if tab in tabs), *tabs]
    config.tabcells_tabs = {tab: tabs[tab] for tab in order}
    config.tabcells_d2l = about
    config.exclude_patterns = [*config.exclude_patterns, *project.exclusions]
    if project.pages and list(config.include_patterns) == ["**"]:
        config.include_patterns = list(project.pages)
    # Formulas stand between dollars on all these pages.
    config.myst_enable_extensions = {*config.myst_enable_extensions, "dollarmath"}


def dialect_of(config, path: str, text: str) -> Dialect | None:
    """That of a page in D2L's dialect: a file that the setting names, and no MyST notebook.

    :param config: a configuration that ``adopt`` has completed
    :param path: of the file, from the folder of the sources
    """
    about = config.tabcells_d2l
    if not about or not path.endswith(".md") or is_notebook(text, path) or (
            not Matcher(about["pages"])(PurePath(path).as_posix())):
        return None
    without = {*about.get("without", ()), *of_page(config, path).get("without", ())}
    return Dialect(about["default"], frozenset(without))
