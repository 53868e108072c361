"""What the package of a checkout has, on the page that lists it by directives of autodoc.

Its source is read and not run: no framework need be installed, nor do what it says on import.
"""
from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

Definition = ast.ClassDef | ast.FunctionDef


class Described(SphinxDirective):
    """`autoclass`, `autofunction` and `automodule`: names, signatures and docstrings."""

    has_content, required_arguments = True, 1
    option_spec = {"members": directives.flag}  # noqa: RUF012  # docutils' own form

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        is_module = self.name == "automodule"
        module = name if is_module else self.env.ref_context.get("py:module", "")
        file = Path(self.env.srcdir, *module.split(".")).with_suffix(".py")
        # The module may be that of a tab which is left out: then another of the package.
        files = [file] if is_module else [file, *sorted(file.parent.glob("*.py"))]
        known = next((each for each in map(definitions, files) if is_module or name in each), {})
        if not known:
            raise self.error(f"there is no {name!r} in {file.parent.name}/")
        lines = [f".. py:currentmodule:: {module}", ""]
        for definition in known.values() if is_module else [known[name]]:
            lines += described(definition)
        return self.parse_text_to_nodes("\n".join(lines))


@functools.cache
def definitions(file: Path) -> dict[str, Definition]:
    """The classes and functions of a module that are for its users; none without the file."""
    if not file.is_file():
        return {}
    return _public(ast.parse(file.read_text("utf-8")))


def _public(node: ast.Module | ast.ClassDef) -> dict[str, Definition]:
    """By name; of a name that is defined twice the last holds, as in Python."""
    return {each.name: each for each in node.body
            if isinstance(each, ast.ClassDef | ast.FunctionDef) and not each.name.startswith("_")}


def described(node: Definition, kind: str = "function") -> list[str]:
    """A class with its methods, or a function, in reStructuredText.

    :param kind: what a function is called there
    """
    arguments, inner = "", []
    if isinstance(node, ast.ClassDef):
        kind = "class"
        inner = [line for method in _public(node).values()
                 for line in described(method, "method")]
    else:
        arguments = f"({ast.unparse(node.args)})"
    text = inspect.cleandoc(ast.get_docstring(node) or "")
    return [f".. py:{kind}:: {node.name}{arguments}", "",
            *textwrap.indent("\n".join([text, "", *inner]), "   ").split("\n"), ""]


def setup(app) -> dict[str, bool]:
    for name in ("autoclass", "autofunction", "automodule"):
        app.add_directive(name, Described)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
