"""Outputs in Markdown and LaTeX as HTML: made here, by what makes the book's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_server.base.handlers import APIHandler
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from myst_nb.core.render import strip_latex_delimiters
from tornado.web import HTTPError

from book.formulas import mathml, unread


def _formula(latex: str, about: dict[str, Any]) -> str:
    try:
        return mathml(latex, as_block=about["display_mode"])
    except ValueError:
        return unread(latex)


def _reader(preset: str) -> MarkdownIt:
    """:param preset: markdown-it's name for what is read; of ``zero`` formulas in text alone"""
    return MarkdownIt(preset).use(dollarmath_plugin, renderer=_formula, double_inline=True,
                                  allow_labels=False, allow_space=False)


_markdown = _reader("commonmark").enable(["table", "strikethrough"])
_text = _reader("zero")


def _latex(source: str) -> str:
    """A formula, with or without the marks around it, or text with formulas in it."""
    try:
        return f'<div class="math">{mathml(strip_latex_delimiters(source), as_block=True)}</div>'
    except ValueError:
        return _text.render(source)


#: HTML from the source of an output, by its type.
MARKUP: dict[str, Callable[[str], str]] = {"text/markdown": _markdown.render, "text/latex": _latex}


class Markup(APIHandler):
    """For whoever may use the kernels: ``{"type", "source"}`` of an output as ``{"html"}``."""

    _track_activity = False

    def post(self) -> None:
        output = self.get_json_body() or {}
        try:
            html = MARKUP[output["type"]](output["source"])
        except (KeyError, TypeError, AttributeError) as error:  # no output, or its source no text
            raise HTTPError(400) from error
        self.finish({"html": html})
