"""What the cells of a tab import: helpers beside the pages, and installed packages."""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from modulefinder import ModuleFinder
from pathlib import Path


@functools.cache
def imports_of(sources: tuple[str, ...], root: str) -> tuple[dict, frozenset]:
    """What the Python code ``sources`` imports, remembered until ``forget``.

    :returns: the files under ``root`` (path from there -> digest), and the names of the
        modules that come from elsewhere.  Of the cells every ``import`` counts; of a helper
        those that run when it is imported, because one helper may serve several tabs and
        import for each inside its functions.
    """
    finder = ModuleFinder(path=[root])
    main, outside = finder.add_module("__main__"), set()
    for source in sources:
        try:
            tree = parse(source)
            finder.scan_code(compile(tree, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), main)
        except SyntaxError:
            continue  # the kernel will say so, with its line
        outside.update(_modules(ast.walk(tree)))
    helpers = {}
    for _, module in sorted(finder.modules.items()):
        file = getattr(module, "__file__", None)  # typeshed's Module has none
        if file:
            content = Path(file).read_bytes()
            helpers[os.path.relpath(file, root)] = hashlib.sha256(content).hexdigest()
            outside.update(_modules(_outside_functions(ast.parse(content))))
    own = {name.partition(".")[0] for name in finder.modules}
    return helpers, frozenset(outside - own - sys.stdlib_module_names)


forget = imports_of.cache_clear


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


def _outside_functions(node):
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


def _modules(nodes):
    return {name.partition(".")[0] for name in names_of(nodes)}


def closure(packages: dict, modules, names=()) -> dict:
    """Versions of the distributions that ``modules`` come from, and of all they require.

    :param packages: as ``tabcells.run.probe.packages`` tells them
    :param names: canonical names of further distributions
    :returns: canonical name -> version; what is not installed is left out
    """
    wanted = [name for name, (_, _, own) in packages.items() if not modules.isdisjoint(own)]
    wanted += names
    found = {}
    while wanted:
        name = wanted.pop()
        if name in packages and name not in found:
            found[name], needs, _ = packages[name]
            wanted += needs
    return dict(sorted(found.items()))
