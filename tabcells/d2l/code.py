"""The code of a cell as one tab runs it: its marks gone, `if tab.selected(…)` decided."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

from .scan import Line, Warnings

#: `#@tab a, b` or `%%tab a`, alone in its line; some pages put a comment sign before the latter.
_MARK = re.compile(r"\s*(?:#\s*@tab|#?\s*%%tab)\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*,?\s*$")

#: What prepares the old builder's own list of tabs.
_SETUP = re.compile(r"\s*(?:%load_ext\s+d2lbook\.tab|#\s*required_libs\(.*\))\s*$")

_SELECTS = re.compile(r"\btab\s*\.\s*(?:selected|interact_select)\b")

#: A line for IPython, which no parser of Python reads.
_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.M)


def read_cell(lines: list[Line], warnings: Warnings) -> tuple[tuple[str, ...], str]:
    """A cell's tabs, () where it has no mark, and its code without marks.

    A cell has one mark; more of them, further down, are dropped as the old builder did.
    """
    tabs: tuple[str, ...] = ()
    kept = []
    for line in lines:
        if mark := _MARK.match(line.text):
            names = tuple(re.split(r"\s*,\s*", mark[1]))
            if tabs and set(names) != set(tabs):
                warnings.append((line.number, f"a second mark in a cell, {line.text.strip()}: "
                                 "the first holds"))
            tabs = tabs or names
        elif not _SETUP.match(line.text):
            kept.append(line.text)
    return tabs, "\n".join(kept).strip("\n")


def resolve(source: str, tab: str) -> str:
    """The code that ``tab`` runs: of `if tab.selected(…)` what it selects.

    :raises ValueError: the code is not Python, or selects by something that is not a literal
    """
    if not _SELECTS.search(source):
        return source
    decided = _Decided(source, tab)
    return _with_constants("\n".join(decided.lines()), tab).strip("\n")


class _Row(NamedTuple):
    """A line of code; what lies within a string is not indented otherwise."""

    text: str
    is_string: bool


class _Branch(NamedTuple):
    """A branch of an `if`: its test (None: `else`), and rows, from 0, the end excluded."""

    test: ast.expr | None
    header: int
    body: int
    end: int
    statements: list[ast.stmt]


class _Decided:
    """Code in which each `if` that asks for the tab is decided."""

    def __init__(self, source: str, tab: str) -> None:
        tree, self.text = _parsed(source)
        self.tab = tab
        within = _rows_in_strings(self.text)
        self.rows = [_Row(text, number in within)
                     for number, text in enumerate(source.split("\n"))]
        later = {node.orelse[0] for node in ast.walk(tree)
                 if isinstance(node, ast.If) and self._has_elif(node)}
        self.chains = sorted((node for node in ast.walk(tree) if isinstance(node, ast.stmt)
                              and self._is_decided(node) and node not in later),
                             key=lambda node: node.lineno)
        self.alone = {body[0] for node in ast.walk(tree) if not isinstance(node, ast.Module)
                      for body in self._bodies(node) if all(map(self._vanishes, body))}

    def lines(self) -> list[str]:
        return [row.text for row in self._region(0, len(self.rows))]

    def _bodies(self, node: ast.AST) -> Iterator[list[ast.stmt]]:
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body:
                yield body

    def _has_elif(self, node: ast.If) -> bool:
        return (len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
                and self.rows[node.orelse[0].lineno - 1].text.lstrip().startswith("elif"))

    def _is_decided(self, node: ast.AST) -> bool:
        """Whether it goes, or becomes another: an `if` with such a test, or a list of tabs."""
        if isinstance(node, ast.Expr):
            return _called(node.value) == "interact_select"
        while isinstance(node, ast.If):
            if _value(node.test, self.tab) is not None:
                return True
            if not self._has_elif(node):
                break
            node = node.orelse[0]
        return False

    def _kept(self, chain: ast.AST) -> list[_Branch]:
        """The branches that may run, the last of them perhaps in the place of `else`."""
        kept = []
        for branch in self._branches(chain) if isinstance(chain, ast.If) else ():
            value = True if branch.test is None else _value(branch.test, self.tab)
            if value is not False:
                kept.append(branch._replace(test=None) if value else branch)
            if value:
                break
        return kept

    def _vanishes(self, node: ast.stmt) -> bool:
        return self._is_decided(node) and not self._kept(node)

    def _branches(self, node: ast.If) -> list[_Branch]:
        branches = []
        while True:
            header = node.lineno - 1
            if self._has_elif(node):
                end = node.orelse[0].lineno - 1
            elif node.orelse:
                end = self._else_row(node)
            else:
                end = self._end(node)
            branches.append(_Branch(node.test, header, self._body(header, node.body), end,
                                    node.body))
            if not self._has_elif(node):
                break
            node = node.orelse[0]  # type: ignore[assignment]
        if node.orelse:
            header = self._else_row(node)
            branches.append(_Branch(None, header, self._body(header, node.orelse),
                                    self._end(node), node.orelse))
        return branches

    def _else_row(self, node: ast.If) -> int:
        last = node.body[-1].end_lineno or node.lineno
        return next(row for row in range(last, len(self.rows))
                    if self._indent(row) == self._indent(node.lineno - 1)
                    and self.rows[row].text.lstrip().startswith("else"))

    def _body(self, header: int, statements: list[ast.stmt]) -> int:
        """The row after the header, which may take several; the header's own for `if x: y`."""
        first = min([statements[0].lineno] + [
            decorator.lineno for decorator in getattr(statements[0], "decorator_list", ())]) - 1
        if first == header:
            return header
        row = header
        while row + 1 < first and not self.rows[row].text.split("#")[0].rstrip().endswith(":"):
            row += 1
        return row + 1

    def _end(self, node: ast.If) -> int:
        """The row after the last one, comments that are indented like the last body included."""
        end = row = node.end_lineno or node.lineno
        while row < len(self.rows) and (not self.rows[row].text.strip() or (
                self._indent(row) > self._indent(node.lineno - 1)
                and self.rows[row].text.lstrip().startswith("#"))):
            row += 1
            end = row if self.rows[row - 1].text.strip() else end
        return end

    def _indent(self, row: int) -> int:
        text = self.rows[row].text
        return len(text) - len(text.lstrip())

    def _region(self, start: int, end: int) -> list[_Row]:
        rows, at = [], start
        for chain in self.chains:
            first = chain.lineno - 1
            if at <= first < end:
                rows += self.rows[at:first]
                at = self._end(chain) if isinstance(chain, ast.If) else (
                    chain.end_lineno or chain.lineno)
                rows += self._chain(chain)
        return rows + self.rows[at:end]

    def _chain(self, chain) -> list[_Row]:
        indent = " " * self._indent(chain.lineno - 1)
        kept = self._kept(chain)
        if not kept:
            return [_Row(f"{indent}pass", False)] if chain in self.alone else []
        rows = []
        for number, branch in enumerate(kept):
            if branch.test is None and not number:
                rows += self._dedented_body(branch, indent)
            elif branch.body == branch.header:
                rows.append(self._renamed(branch, number, indent))
            else:
                rows += [self._renamed(branch, number, indent),
                         *self.rows[branch.header + 1:branch.body]]
                rows += self._region(branch.body, branch.end)
        return rows

    def _renamed(self, branch: _Branch, number: int, indent: str) -> _Row:
        """A branch's first row, with the word that its place now asks for."""
        text = self.rows[branch.header].text.lstrip()
        if branch.test is None and not text.startswith("else"):
            return _Row(f"{indent}else:" + (
                f" {self._inline(branch)}" if branch.body == branch.header else ""), False)
        return _Row(indent + (re.sub("^elif", "if", text) if not number else text), False)

    def _dedented_body(self, branch: _Branch, indent: str) -> list[_Row]:
        if branch.body == branch.header:
            return [_Row(indent + self._inline(branch), False)]
        extra = self._indent(branch.statements[0].lineno - 1) - len(indent)
        return [row if row.is_string else _Row(_less(row.text, extra), False)
                for row in self._region(branch.body, branch.end)]

    def _inline(self, branch: _Branch) -> str:
        """The statements that stand behind the colon; columns of a tree count bytes."""
        row = self.rows[branch.header].text.encode()
        return row[branch.statements[0].col_offset:].decode()


def _less(text: str, count: int) -> str:
    """A line with so many spaces less before it; a comment may stand further left."""
    return text[min(count, len(text) - len(text.lstrip(" "))):]


def _parsed(source: str) -> tuple[ast.Module, str]:
    """The tree, and the text with lines for IPython made such as Python reads."""
    try:
        return ast.parse(source), source
    except SyntaxError:
        text = _MAGIC.sub(r"\1pass", source)
        try:
            return ast.parse(text), text
        except SyntaxError as error:
            raise ValueError(f"{error.msg} in line {error.lineno} of the cell") from None


def _rows_in_strings(text: str) -> set[int]:
    """The rows, from 0, that begin within a string; a docstring's may be indented as you like."""
    rows, before = set(), tokenize.INDENT
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "STRING" or kind.startswith("FSTRING"):
            is_docstring = kind == "STRING" and before in (
                tokenize.INDENT, tokenize.NEWLINE, tokenize.DEDENT)
            if not is_docstring:
                rows |= set(range(token.start[0], token.end[0]))
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            before = token.type
    return rows


def _called(node: ast.expr) -> str:
    """`selected` or `interact_select` where it is a call of these, else ""."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(
            node.func.value, ast.Name) and node.func.value.id == "tab":
        return node.func.attr
    return ""


def _value(test: ast.expr, tab: str) -> bool | None:
    """What a test says where this tab alone decides it, else None.

    :raises ValueError: it selects by something that is not a literal
    """
    if _called(test) == "selected":
        assert isinstance(test, ast.Call)
        names = []
        for argument in test.args:
            name = ast.literal_eval(argument)
            if not isinstance(name, (str, list, tuple)):
                raise ValueError(f"{name!r} is no name of a tab")
            names += [name] if isinstance(name, str) else name
        return tab in names
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        value = _value(test.operand, tab)
        return None if value is None else not value
    if isinstance(test, ast.BoolOp):
        values = [_value(part, tab) for part in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in values:
            return decisive
        return None if None in values else not decisive
    return None


def _with_constants(source: str, tab: str) -> str:
    """The code with `True` or `False` for each selection that stands elsewhere."""
    tree, _ = _parsed(source)
    rows = [row.encode() for row in source.split("\n")]
    calls = [node for node in ast.walk(tree)
             if isinstance(node, ast.Call) and _called(node) == "selected"]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        if call.lineno != call.end_lineno:
            raise ValueError(f"{ast.unparse(call)} stands over several lines")
        row = rows[call.lineno - 1]
        rows[call.lineno - 1] = (row[:call.col_offset] + str(_value(call, tab)).encode()
                                 + row[call.end_col_offset:])
    return b"\n".join(rows).decode()
