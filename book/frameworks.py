"""The frameworks of the book, each told once: ``frameworks/NAME.toml``.

NAME is the name of the framework's tab, and its name in measurements and claims.  Other parts
take from here what they need; a project without the folder has tabs of its own and no downloads.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from sphinx.errors import ConfigError

FOLDER = "frameworks"


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _cuda(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"package", "capabilities"} and _text(
        value["package"]) and _versions(value["capabilities"])


def _versions(value: Any) -> bool:
    return _names(value) and len(value) == 2 and all(
        re.fullmatch(r"\d+\.\d+", version) for version in value)


def _key(is_right, kind: str, **options: Any) -> Any:
    """A key of the file, which must be there unless ``options`` has a default for it."""
    return field(metadata={"is_right": is_right, "kind": kind}, **options)


@dataclass(frozen=True)
class Framework:
    """A description, checked; each field but ``name`` is a key of the file."""

    name: str
    #: Its place among the tabs.
    order: int = _key(lambda value: type(value) is int, "a whole number")
    #: What readers see.
    label: str = _key(_text, "a text")
    #: The kernelspec that runs its cells, a folder of kernels/.
    kernel: str = _key(_text, "a text")
    #: What its cells import, which has a `__version__`.
    module: str = _key(_text, "a text")
    #: Distributions whose versions are told beside the outputs.
    versions: tuple[str, ...] = _key(_names, "a list of names")
    #: The first and the last Python on which it installs.
    python: tuple[str, ...] = _key(
        _versions, 'the first and the last Python on which it installs, as ["3.9", "3.11"]')
    #: Distributions that a reader gets in the book's version.
    pinned: tuple[str, ...] = _key(_names, "a list of names")
    #: A Python expression that lists the GPUs which the imported module sees.
    gpus: str = _key(_text, "a text")
    #: A build of its own for NVIDIA GPUs: its distribution, and for which it has kernels.  The
    #: libraries that it needs are listed beside it in requirements-gpu.txt.
    cuda: Mapping[str, Any] = _key(
        _cuda, 'a package and its first and last compute capability, as '
        '{package = "mxnet-cu117", capabilities = ["5.0", "8.9"]}', default_factory=dict)
    #: By language what stands above the kernel's startup.py in a download that runs it.
    startup: Mapping[str, str] = _key(
        lambda value: isinstance(value, dict) and all(map(_text, value.values())),
        "a text by language", default_factory=dict)


def read(root: Path) -> dict[str, Framework]:
    """``{name: framework}`` in the order of their tabs; {} without the folder.

    :param root: the project's folder, which has ``frameworks`` and ``kernels``
    :raises ConfigError: a description that can't be used, with its file's name
    """
    frameworks = [_read(file, root) for file in sorted((root / FOLDER).glob("*.toml"))]
    return {each.name: each for each in sorted(frameworks, key=lambda each: each.order)}


def root_of(app) -> Path:
    """The folder that has ``frameworks`` and ``kernels``: `book_root`, else that of the pages."""
    return Path(app.srcdir, app.config.book_root)


def are_told(root: Path) -> bool:
    """Whether a project describes its frameworks."""
    return (root / FOLDER).is_dir()


def tabs(root: Path) -> dict[str, dict]:
    """``tabcells_tabs`` for conf.py."""
    return {each.name: {"label": each.label, "kernel": each.kernel,
                        "packages": list(each.versions)}
            for each in read(root).values()}


def label(config, name: str) -> str:
    """What readers call a framework; of one that is no tab (any more) its name."""
    return config.tabcells_tabs[name]["label"] if name in config.tabcells_tabs else name


def _read(file: Path, root: Path) -> Framework:
    where = f"{FOLDER}/{file.name}"
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from None
    keys = {key.name: key for key in fields(Framework) if key.name != "name"}
    for name in values:
        if name not in keys:
            raise ConfigError(f"{where}: there is no key {name!r}, but {', '.join(keys)}")
    for key in keys.values():
        _check(where, key, values)
    frozen: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                              for name, value in values.items()}
    framework = Framework(file.stem, **frozen)
    folder = root / "kernels" / framework.kernel
    if not (folder / "kernel.json").is_file():
        raise ConfigError(f"{where}: there is no kernel {framework.kernel!r}, "
                          f"kernels/{framework.kernel}/kernel.json is missing")
    if (folder / "startup.py").exists() and not framework.startup:
        raise ConfigError(f"{where}: needs 'startup', a text by language, because "
                          f"kernels/{framework.kernel} has a startup.py")
    return framework


def _check(where: str, key: Field, values: dict) -> None:
    kind = key.metadata["kind"]
    if key.name not in values:
        if not callable(key.default_factory):
            raise ConfigError(f"{where}: lacks {key.name!r}, {kind}")
    elif not key.metadata["is_right"](values[key.name]):
        raise ConfigError(f"{where}: {key.name!r} is {kind}, got {values[key.name]!r}")


def check(app, config) -> None:
    """Refuse descriptions that can't be used before any cell runs."""
    root = root_of(app)
    frameworks = read(root)
    for name in config.tabcells_tabs if are_told(root) else ():
        if name not in frameworks:
            raise ConfigError(f"the tab {name!r} of tabcells_tabs has no {FOLDER}/{name}.toml")


def setup(app) -> None:
    app.add_config_value("book_root", "", "env", [str])
    app.connect("config-inited", check)
