"""What a page's cells import, and what pip calls it: imports.toml, requirements.txt."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from tabcells.run.imports import names_of, parse

from ..frameworks import Framework


def packages(root: Path, framework: Framework, code: list[str],
             replaced: Mapping[str, str] | None = None) -> dict[str, str]:
    """``{import: what pip is asked for}``, the framework first.

    :param root: the project's folder, which has requirements.txt
    :param code: the sources of the cells of its tab
    :param replaced: of distributions, versions that hold in the place of requirements.txt's
    :raises ValueError: a cell imports what neither file knows
    """
    table, versions = read_table(root), {**pins(root), **(replaced or {})}
    requirements = {}
    for name in needed_imports(code, framework.module, table, versions):
        if "." in name or name == "evidence":  # parts of d2l; what the file brings along
            continue
        known = table["distributions"].get(name, name)
        requirements[name] = f"{known}=={versions[known]}" if known in framework.pinned else known
    return requirements


def read_table(root: Path) -> dict:
    """``needs`` and ``distributions`` of imports.toml; empty for a project without one."""
    file = root / "imports.toml"
    known = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return {"needs": {}, "distributions": {}, **known}


def pins(root: Path, list_name: str = "requirements.txt") -> dict[str, str]:
    """``{distribution: version}`` of a list of requirements and of what it includes."""
    text = (root / list_name).read_text("utf-8")
    for name in re.findall(r"(?m)^-r (\S+)", text):
        text += (root / name).read_text("utf-8")
    return dict(re.findall(r"(?m)^([\w-]+)==(\S+)", text))


def needed_imports(code: list[str], framework: str, table: dict, pinned: dict) -> list[str]:
    """What the cells import, directly and by what they import, without Python's own.

    :raises ValueError: an import that nobody knows
    """
    needed, todo = [], [framework, *imports(code, table["needs"])]
    while todo:
        name = todo.pop(0)
        if name in needed or name in sys.stdlib_module_names:
            continue
        known = (*table["needs"], *table["distributions"], *pinned)
        if name not in known and not any(name in more for more in table["needs"].values()):
            raise ValueError(f"a cell imports {name!r}; say in imports.toml or "
                             "requirements.txt what pip calls it")
        needed.append(name)
        todo += table["needs"].get(name, ())
    return [framework, *sorted(set(needed) - {framework}, key=str.lower)]


def imports(cells: Iterable[str], needs: Container[str] = ()) -> list[str]:
    """The modules that cells import, by the names under which ``needs`` knows them, else the
    first part; a cell that is no Python imports nothing."""
    modules = []
    for cell in cells:
        with suppress(SyntaxError):  # the kernel says so, with its line
            for name in names_of(ast.walk(parse(cell))):
                parts = name.split(".")
                known = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
                modules.append(next((k for k in known if k in needs), parts[0]))
    return modules
