"""What the cells of a tab import: helpers beside the pages, and installed packages."""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.machinery import PathFinder
from modulefinder import Module, ModuleFinder
from pathlib import Path
from typing import IO


@functools.cache
def imports_of(sources: tuple[str, ...], root: str) -> tuple[dict, frozenset]:
    """What the Python code ``sources`` imports, remembered until ``forget``.

    Code that can't be parsed counts as importing nothing: the kernel will say so.

    :returns: the files under ``root`` (path from there -> digest), and the names of the
        modules that come from elsewhere.  Of the cells every ``import`` counts; of a helper
        those that run when it is imported, because one helper may serve several tabs and
        import for each inside its functions.
    """
    # Most cells of a page import nothing, and parsing takes its time.
    statements = {ast.unparse(node) for source in sources
                  if "import" in source or "load_ext" in source for tree in _trees(source)
                  for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))}
    helpers: dict[str, str] = {}
    outside: set[str] = set()
    own: set[str] = set()
    for statement in statements:
        files, modules, regular = _reached_by(statement, root)
        helpers |= files
        outside |= modules
        own |= regular
    return helpers, frozenset(outside - own - sys.stdlib_module_names)


@functools.cache
def _reached_by(statement: str, root: str) -> tuple[dict[str, str], set[str], set[str]]:
    """What one import reaches, on all pages that have it: files and modules as above, those of
    Python among them, and which modules are packages or files under ``root``."""
    PathFinder.invalidate_caches()
    finder = _Finder(path=[root])
    with suppress(*_NO_CODE, ImportError):  # a relative one, which no cell can do
        finder.scan_code(compile(statement, "cell", "exec"), finder.add_module("__main__"))
    helpers, outside, own = {}, _modules(ast.parse(statement).body), set()
    for name, module in sorted(finder.modules.items()):
        file = getattr(module, "__file__", None)  # typeshed's Module has none
        if file and (path := Path(file)).is_file():
            content = path.read_bytes()
            helpers[os.path.relpath(file, root)] = hashlib.sha256(content).hexdigest()
            if finder.is_regular(name):
                own.add(name.partition(".")[0])
            with suppress(*_NO_CODE):  # it may be a library of machine code
                outside.update(_modules(_outside_functions(ast.parse(content))))
    return helpers, outside, own


def forget() -> None:
    """Look at all files anew."""
    imports_of.cache_clear()
    _reached_by.cache_clear()


#: What Python raises where a text is no code: null bytes and endless parentheses among it.
_NO_CODE = (SyntaxError, ValueError, RecursionError, MemoryError)

_NAMESPACE = object()


class _Finder(ModuleFinder):
    """Finds namespace packages too, which end ModuleFinder in a TypeError."""

    def is_regular(self, name: str) -> bool:
        """Whether the file or folder that holds a module goes before what is installed.

        Of a folder without ``__init__.py`` that isn't so.
        """
        return bool(getattr(self.modules[name.partition(".")[0]], "__file__", None))

    def find_module(self, name, path, parent=None) -> tuple[IO | None, str | None, tuple]:
        spec = PathFinder.find_spec(name, self.path if path is None else path)
        if spec and spec.origin is None and spec.submodule_search_locations:
            return None, next(iter(spec.submodule_search_locations)), ("", "", _NAMESPACE)
        try:
            return super().find_module(name, path, parent)
        except OSError as error:  # a file that may not be read
            raise ImportError(str(error)) from error

    def load_module(self, fqname, fp, pathname, file_info) -> Module:
        if file_info[2] is not _NAMESPACE:
            try:
                return super().load_module(fqname, fp, pathname, file_info)
            except _NO_CODE as error:  # the other modules still count
                raise ImportError(str(error)) from error
        package = self.add_module(fqname)
        vars(package)["__path__"] = [pathname]  # typeshed's Module has none
        return package


def _trees(source: str) -> Iterator[ast.Module]:
    """The syntax trees of a cell: its own, and that of the code behind each magic."""
    try:
        tree = parse(source)
    except _NO_CODE:
        return
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) \
                and node.func.attr in ("run_cell_magic", "run_line_magic"):
            # Whatever is no Python, such as the lines of a shell, can't be parsed as such.
            words = [str(word.value) for word in node.args if isinstance(word, ast.Constant)]
            for code in words[1:]:
                yield from _trees(f"import {code}" if words[0] == "load_ext" else code)


def parse(source: str) -> ast.Module:
    """The syntax tree of a cell.

    :raises SyntaxError: it is no Python, even without IPython's magics
    """
    return ast.parse(plain(source))


def plain(source: str) -> str:
    """A cell with IPython's magics as plain Python."""
    if "%" not in source and "!" not in source and "?" not in source:
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


def _outside_functions(node) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


def names_of(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """What these nodes import: ``a.b`` of ``import a.b`` and of ``from a import b``."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _modules(nodes) -> set[str]:
    return {name.partition(".")[0] for name in names_of(nodes)}


def closure(packages: dict, modules, names=()) -> dict:
    """Versions of the distributions that ``modules`` come from, and of all they require.

    :param packages: as ``tabcells.run.probe.packages`` tells them
    :param names: canonical names of further distributions
    :returns: canonical name -> version; what is not installed is left out
    """
    wanted = [name for name, (_, _, own) in packages.items() if not modules.isdisjoint(own)]
    wanted += names
    versions = {}
    while wanted:
        name = wanted.pop()
        if name in packages and name not in versions:
            versions[name], needs, _ = packages[name]
            wanted += needs
    return dict(sorted(versions.items()))
