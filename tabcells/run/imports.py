"""What the cells of a tab import: helpers beside the pages, and installed packages."""

from __future__ import annotations

import ast
import dis
import functools
import hashlib
import inspect
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from modulefinder import Module, ModuleFinder
from pathlib import Path
from types import CodeType


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
            helpers[os.path.relpath(file, root)] = hashlib.sha256(path.read_bytes()).hexdigest()
            if finder.is_regular(name):
                own.add(name.partition(".")[0])
            if code := getattr(module, "__code__", None):  # a library of machine code has none
                outside.update(finder.run_at_import(code))
    return helpers, outside, own


def forget() -> None:
    """Look at all files anew."""
    imports_of.cache_clear()
    _reached_by.cache_clear()


#: What Python raises where a text is no code: null bytes and endless parentheses among it.
_NO_CODE = (SyntaxError, ValueError, RecursionError, MemoryError)

_IMPORT = dis.opmap["IMPORT_NAME"]


class _Finder(ModuleFinder):
    """Finds namespace packages too, which end ModuleFinder in a TypeError.

    It asks Python's own finder and loader once for each module; ModuleFinder lists the folders
    anew for each, and compiles what Python has compiled.
    """

    def is_regular(self, name: str) -> bool:
        """Whether the file or folder that holds a module goes before what is installed.

        Of a folder without ``__init__.py`` that isn't so.
        """
        return bool(getattr(self.modules[name.partition(".")[0]], "__file__", None))

    def find_module(self, name, path, parent=None) -> tuple[None, str | None, tuple]:
        if path is None and name in sys.builtin_module_names:  # these go before any file
            raise ImportError(name)
        spec = PathFinder.find_spec(name, self.path if path is None else path)
        if spec is None:
            raise ImportError(name)
        return None, spec.origin, ("", "", spec)

    def load_module(self, fqname, fp, pathname, file_info) -> Module:
        spec = file_info[2]
        try:
            code = _code(spec)
        except (*_NO_CODE, OSError, EOFError) as error:  # the other modules still count
            raise ImportError(str(error)) from error
        module, folders = self.add_module(fqname), spec.submodule_search_locations
        vars(module).update(__file__=spec.origin, __code__=code,  # typeshed's Module has none
                            __path__=None if folders is None else list(folders))
        if code:
            self.scan_code(code, module)
        return module

    def scan_opcodes(self, co: CodeType) -> Iterator[tuple[str, tuple]]:
        # dis reads every instruction, and hardly any function imports.
        return super().scan_opcodes(co) if _IMPORT in co.co_code[::2] else iter(())

    def run_at_import(self, code: CodeType) -> Iterator[str]:
        """The modules that this code imports outside its functions."""
        for kind, about in self.scan_opcodes(code):
            if kind == "absolute_import":
                yield about[1].partition(".")[0]
        for inner in code.co_consts:  # the body of a class is no function's
            if isinstance(inner, CodeType) and not inner.co_flags & inspect.CO_OPTIMIZED:
                yield from self.run_at_import(inner)


class _Loader(SourceFileLoader):
    """Takes what Python has compiled, and leaves nothing beside the sources."""

    def set_data(self, path, data, *, _mode=0o666) -> None:
        pass


def _code(spec: ModuleSpec) -> CodeType | None:
    """A module's code; None of one that has none: a namespace, a library of machine code."""
    loader = spec.loader
    if isinstance(loader, SourceFileLoader):
        loader = _Loader(loader.name, loader.path)
    return loader.get_code(spec.name) if isinstance(loader, InspectLoader) else None


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
