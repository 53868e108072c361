"""Every setting of the extension: name, type, default, check and a line of help, once.

``register`` tells Sphinx of them, ``read`` checks what a project's conf.py says, and
``python -m tabcells settings`` prints the table that the documentation shows.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import math
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import PurePath
from typing import Any

from sphinx.errors import ConfigError
from sphinx.util.matching import Matcher

PREFIX = "tabcells_"

#: A tab's name stands in attributes of HTML, in selectors of CSS, in addresses and in YAML.
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Tab:
    """One entry of ``tabcells_tabs``.

    ``packages`` are names of distributions whose versions are recorded, and count besides those
    that the cells import.
    """

    label: str
    kernel: str
    packages: tuple[str, ...] = ()


def _setting(default: Any, help: str, check: Callable[[str, Any], Any] | None = None,
             rebuild: str = "env") -> Any:
    """A field of ``Settings``.

    :param check: ``check(name, value)`` returns the value as it is used, or raises ConfigError
    :param rebuild: "env" where pages must be read again when the setting changes; "" where not
    """
    about = {"default": default, "help": help, "check": check, "rebuild": rebuild}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=about)
    return field(default=default, metadata=about)


def _tabs(name: str, value: Any) -> Mapping[str, Tab]:
    if not isinstance(value, dict):
        raise ConfigError(f"{name} is a dictionary, name of the tab -> its label and kernel; "
                          f"got {value!r}")
    return {key: _tab(f"{name}[{key!r}]", key, tab) for key, tab in value.items()}


def _tab(name: str, key: Any, value: Any) -> Tab:
    if not isinstance(key, str) or not _NAME.fullmatch(key):
        raise ConfigError(f"{name}: the name of a tab has letters of ASCII, digits, - and _ alone "
                          "(what readers see is its label)")
    if not isinstance(value, Mapping) or not {"label", "kernel"} <= set(value):
        raise ConfigError(f"{name} needs a label and a kernel, got {value!r}")
    known = [part.name for part in fields(Tab)]
    for part in value:
        if part not in known:
            raise ConfigError(f"{name} has no {part!r}{nearest(str(part), known)}")
    for part in ("label", "kernel"):
        if not isinstance(value[part], str) or not value[part].strip():
            raise ConfigError(f"{name}: {part} is a text, got {value[part]!r}")
    packages = value.get("packages", ())
    if not isinstance(packages, (list, tuple)) or not all(isinstance(p, str) for p in packages):
        raise ConfigError(f"{name}: packages is a list of names, got {packages!r}")
    return Tab(value["label"], value["kernel"], tuple(packages))


def _d2l(name: str, value: Any) -> Mapping[str, Any]:
    known = ("default", "without", "pages")
    for part in value:
        if part not in known:
            raise ConfigError(f"{name} has no {part!r}{nearest(str(part), known)}")
    if not isinstance(value.get("default", ""), str):
        raise ConfigError(f"{name}: default is a text, got {value['default']!r}")
    for part in known[1:]:
        texts = value.get(part, [])
        if not isinstance(texts, (list, tuple)) or not all(
                isinstance(text, str) and text for text in texts):
            raise ConfigError(f"{name}: {part} is a list of texts, got {texts!r}")
    return value


def _folder(name: str, value: Any) -> Mapping[str, Any]:
    for part in value:
        if part not in ("links", "start"):
            raise ConfigError(f"{name} has no {part!r}{nearest(str(part), ('links', 'start'))}")
    links = value.get("links", [])
    if not isinstance(links, (list, tuple)) or not all(
            isinstance(link, str) and _is_inside(link) for link in links):
        raise ConfigError(f"{name}: links is a list of paths within the source folder, got "
                          f"{links!r}")
    _one_of("root", "page")(f"{name}: start", value.get("start", ""))
    return value


def _is_inside(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return bool(parts[0]) and not {"", ".", ".."}.intersection(parts)


def _pages(name: str, value: Any) -> Mapping[str, Mapping[str, Any]]:
    for pattern, about in value.items():
        where = f"{name}[{pattern!r}]"
        if not isinstance(pattern, str):
            raise ConfigError(f"{where}: a pattern of pages is a text, such as 'guide/*'")
        if not isinstance(about, Mapping):
            raise ConfigError(f"{where} takes names with values, such as {{'execution': 'off'}}; "
                              f"got {about!r}")
        for part in about:
            if part not in ("execution", "timeout", "without"):
                raise ConfigError(f"{where} has no {part!r}"
                                  f"{nearest(str(part), ('execution', 'timeout', 'without'))}")
        _one_of("cache", "force", "off")(f"{where}: execution", about.get("execution", ""))
        _positive(f"{where}: timeout", about.get("timeout", 1))
        _d2l(where, {part: about[part] for part in about if part == "without"})
    return value


def _one_of(*choices: str) -> Callable[[str, Any], Any]:
    def check(name, value) -> str:
        if value and value not in choices:
            raise ConfigError(f"{name} is {value!r}; it may be {', '.join(map(repr, choices))}")
        return value
    return check


def _named(name: str, value: str) -> str:
    if not value:
        raise ConfigError(f"{name} is the path of a folder, got {value!r}")
    return value


def _positive(name: str, value: Any) -> Any:
    if not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ConfigError(f"{name} is a positive number, got {value!r}")
    return value


def _template(*names: str) -> Callable[[str, Any], Any]:
    """A text that is filled in by ``str.format`` with these names, "" for ``{}``."""
    def check(name, value) -> str:
        try:
            value.format(*[""] * ("" in names), **dict.fromkeys(filter(None, names), ""))
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ConfigError(f"{name} can't be filled in ({type(error).__name__}: {error}); it "
                              f"may name {', '.join('{' + n + '}' for n in names)}, and a brace "
                              "that is meant as one is written twice") from None
        return value
    return check


def _function(name: str, value: Any) -> Any:
    if value and not re.fullmatch(r"\w+(\.\w+)+", value):
        raise ConfigError(f"{name} is the dotted name of a function, `module.function`; "
                          f"got {value!r}")
    return value


def _states(name: str, value: Any) -> Mapping[str, str]:
    for state in value:
        if state not in STATES:
            raise ConfigError(f"{name} has no {state!r}{nearest(str(state), STATES)}")
        if not isinstance(value[state], str):
            raise ConfigError(f"{name}: {state} is a text, got {value[state]!r}")
    return {**STATES, **value}


#: What `{state}` says in the template of the provenance, where the project has no words.
STATES = {
    "new": "Measured in this build.",
    "kept": "Kept from an earlier run; nothing that determines the outputs has changed since.",
    "other": "Kept from an earlier run of this code, with other packages or on another machine.",
}

#: What a template of the provenance may name.
PROVENANCE = ("processor", "cores", "gpus", "versions", "date", "seconds", "commit", "state",
              "docname", "tab", "kernel", "language")


@dataclass(frozen=True)
class Settings:
    """The settings of a project, checked.  A field ``x`` is ``tabcells_x`` in conf.py."""

    tabs: Mapping[str, Tab] = _setting(
        {}, "The tabs in their order: name, then `label`, `kernel` and, if you like, `packages`: "
        "names of distributions whose versions are recorded, and count besides those that the "
        "cells import", _tabs)
    kernels: str = _setting(
        "kernels", "Folder of kernelspecs; they come before the installed ones", _named)
    cache: str = _setting(
        "_build/tabcells", "Folder in which runs are kept, from the folder of `conf.py`; where "
        "that is read-only, a folder beside Sphinx's doctrees takes its place, unless you name "
        "one", _named, "")
    execution: str = _setting(
        "", "`\"cache\"` runs what must run; `\"force\"` everything, once in a build; "
        "`\"off\"` nothing, and shows what is on record, of another machine if need be. Where it "
        "is not set, `nb_execution_mode` says it, and `execution_mode` of a page's front matter: "
        "`\"off\"` and `\"force\"` as here, the others as `\"cache\"`",
        _one_of("cache", "force", "off"), "")
    jobs: int = _setting(
        1, "Tabs that run side by side; of one page never more than one at a time. With 1, what a "
        "cell measures is disturbed by no other cell", _positive, "")
    missing: str = _setting(
        "Not executed here: no record.", "Markdown that `\"off\"` shows for a tab without a "
        "record")
    gateway: str = _setting(
        "", "Address of a Jupyter gateway whose kernels run the cells; its token is read from the "
        "environment variable `JUPYTER_GATEWAY_AUTH_TOKEN`", rebuild="")
    timeout: float = _setting(
        300, "Seconds that a cell may take. Where it is not set and `nb_execution_timeout` is, "
        "that one holds, unless it is `-1`, no limit", _positive, "")
    output_limit: int = _setting(
        5_000_000, "Bytes of output that are kept of each cell; the rest is dropped as it arrives "
        "(one message of a kernel is received whole)", _positive, "")
    cut: str = _setting(
        "*Cut here: {dropped} MB more. Of each cell {limit} MB are kept.*", "Markdown that then "
        "follows; `{dropped}` and `{limit}` are sizes in MB", _template("dropped", "limit"))
    output: str = _setting(
        "", "Dotted name of a function `f(output, where)` that returns the outputs to show in the "
        "place of one; `where` has `docname`, `tab`, `cell` and `language`", _function)
    provenance: str = _setting(
        "", "Markdown that ends each tab of a page; it may name `{processor}`, `{cores}`, "
        "`{gpus}`, `{versions}`, `{date}`, `{seconds}`, `{commit}` and `{state}`",
        _template(*PROVENANCE))
    states: Mapping[str, str] = _setting(
        {}, "What `{state}` says: `new` (measured in this build), `kept` (from an earlier run that "
        "would give the same), `other` (from other packages or another machine)", _states)
    none: str = _setting(
        "none", "What `{gpus}`, `{versions}` and `{commit}` say where there is nothing to name")
    left_out: str = _setting(
        "Scripts and styles of this output are left out here.", "What e-books and help viewers "
        "say under an output whose scripts or styles they leave out; `\"\"` says nothing")
    label: str = _setting("Tabs", "What screen readers call a list of tabs")
    d2l: Mapping[str, Any] = _setting(
        {}, "Reads pages in the dialect of *Dive into Deep Learning*, where it is not empty: "
        "`pages`, patterns of their files (`[\"**\"]` means all); `default`, the tab of a cell "
        "without a mark; `without`, tabs to leave out. What it does not say, and the order of the "
        "tabs, is read from `config.ini` in the source folder, if there is one", _d2l)
    folder: Mapping[str, Any] = _setting(
        {}, "Where it is not empty, each tab of each page runs in a new folder of its own, which "
        "is removed at the end: `links`, paths of the source folder that it has too, as links; "
        "`start`, where in it the kernel starts, `\"root\"` or `\"page\"`, the page's own folder. "
        "`{\"links\": []}` is a folder without links", _folder)
    pages: Mapping[str, Any] = _setting(
        {}, "Settings of single pages, by patterns of their files; of several that fit the last "
        "holds. `execution`, where the project's is not `\"off\"`; `timeout`, of a page that names "
        "none; `without`, tabs that a page in the dialect of `tabcells_d2l` leaves out", _pages)
    only: str = _setting(
        "Only in {}.", "What a tab set says to a reader whose tab it lacks; `{}` is the labels "
        "that it has", _template(""))


_hints = functools.cache(typing.get_type_hints)


def _types(setting: Field) -> list[type]:
    kind = _hints(Settings)[setting.name]
    if kind is float:
        return [int, float]
    return [dict] if typing.get_origin(kind) else [kind]


def register(app) -> None:
    """Tell Sphinx of each setting."""
    for setting in fields(Settings):
        about = setting.metadata
        app.add_config_value(PREFIX + setting.name, about["default"], about["rebuild"],
                             _types(setting))


def read(config) -> Settings:
    """The settings of a Sphinx configuration.

    :raises ConfigError: a value that can't work, in one sentence that names the setting
    """
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        name, check = PREFIX + setting.name, setting.metadata["check"]
        value = getattr(config, name)
        types = _types(setting)
        if not isinstance(value, (*types, type(None))[:len(types)]) or (
                isinstance(value, bool) and bool not in types):
            kinds = " or ".join(kind.__name__ for kind in types)
            raise ConfigError(f"{name} is of type {kinds}, got {value!r}")
        values[setting.name] = check(name, value) if check else value
    of_mystnb = _given(config, "nb_execution_timeout", "execution_timeout")
    # What is not above 0 is Jupyter's "no limit", and leaves ours as it is.  Of what is no number
    # myst-nb speaks.
    if isinstance(of_mystnb, (int, float)) and 0 < of_mystnb < math.inf and _given(
            config, PREFIX + "timeout") is None:
        values["timeout"] = of_mystnb
    aliases = _aliases(_given(config, "nb_kernel_rgx_aliases") or {})
    values["tabs"] = {name: dataclasses.replace(tab, kernel=_alias(tab.kernel, aliases))
                      for name, tab in values["tabs"].items()}
    return Settings(**values)


def _given(config, *names: str) -> Any:
    """The value of the first of these settings that conf.py or `-D` names; None if none."""
    for name in names:
        if name in config._raw_config or name in config.overrides:
            return config[name] if name in config else config._raw_config.get(name)
    return None


def _aliases(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(
            isinstance(text, str) for pair in value.items() for text in pair):
        raise ConfigError("nb_kernel_rgx_aliases gives names of kernels to patterns, as in "
                          f"{{'conda-.*': 'python3'}}, got {value!r}")
    return value


def _alias(kernel: str, aliases: Mapping[str, str]) -> str:
    """The kernel that myst-nb would start in the place of this one."""
    try:
        return next((alias for pattern, alias in aliases.items()
                     if re.fullmatch(pattern, kernel)), kernel)
    except re.error as error:
        raise ConfigError(f"nb_kernel_rgx_aliases: {error.pattern!r} is no regular expression: "
                          f"{error}") from None


def of_page(config, path: str) -> dict[str, Any]:
    """What ``tabcells_pages`` says of one page.

    :param path: of its file, from the source folder
    """
    about: dict[str, Any] = {}
    for pattern, values in config.tabcells_pages.items():
        if Matcher([pattern])(PurePath(path).as_posix()):
            about.update(values)
    return about


def refuse_unknown(config, prefixes: tuple[str, ...] = (PREFIX,)) -> None:
    """A name in conf.py (or of `-D`) that begins like one of ours and is none: a misspelt one.

    :raises ConfigError: names it, and the nearest that there is
    """
    known = [name for name in config.values if name.startswith(prefixes)]
    given = {**config._raw_config, **dict.fromkeys(config.overrides)}
    for name in given:
        if name.startswith(prefixes) and name.partition(".")[0] not in known:
            raise ConfigError(f"there is no setting {name!r}{nearest(name, known)}")


def table(words: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    """``(name, default, help)`` of each setting, as the documentation lists them.

    :param words: English help -> that of another language
    """
    words = words or {}
    return [(PREFIX + s.name, repr(s.metadata["default"]),
             words.get(s.metadata["help"], s.metadata["help"])) for s in fields(Settings)]


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence: the known name that this one is near to, or else all of them."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(sorted(known))}"
