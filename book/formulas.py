"""Formulas as MathML, written when the book is built: no script, no request, in every edition.

docutils reads the LaTeX.  What it does not know stops the build, with the file and line.
"""

from html import escape
from typing import NoReturn

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)


def _mathml(node, as_block) -> str:
    """The formula, and its LaTeX as ``alttext``: what a notebook takes along."""
    try:
        mathml = tex2mathml(node.astext(), as_block=as_block)
        return mathml.replace("<math", f'<math alttext="{escape(node.astext().strip())}"', 1)
    except MathError as error:
        logger.warning("formula %r: %s", node.astext(), error, location=node)
        return ""


def inline(self, node) -> NoReturn:
    self.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def block(self, node) -> NoReturn:
    number = node["number"] and f"({get_node_equation_number(self, node)})"
    # What is around a numbered one has its id, too.
    node["ids"] = [name for name in node["ids"] if name not in node.parent.get("ids", ())]
    self.body.append(self.starttag(node, "div", "", CLASS="math"))
    if number:
        self.body.append(f'<span class="eqno">{number}</span>')
    self.body.append(f"{_mathml(node, as_block=True)}</div>")
    raise nodes.SkipNode


def setup(app) -> None:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
