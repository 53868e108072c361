"""Formulas as MathML, written when the book is built: no script, no request, in every edition.

math-core reads the LaTeX.  What it does not know is a warning, with the file and line, and stays
LaTeX on the page.
"""

import re
from html import escape, unescape
from typing import NoReturn
from xml.etree import ElementTree

from docutils import nodes
from docutils.utils.math import toplevel_code
from math_core import LatexError, LatexToMathML
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_math_core = LatexToMathML()
#: A formula within text, which math-core does not read: its text in two parts.
_IN_TEXT = re.compile(r"\\(text\w*)\{([^{}$]*)\$([^$]*)\$([^{}$]*)\}")
#: A character by a name that HTML knows and XML, of which e-books are, does not.
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;)[A-Za-z]\w*;")


def mathml(latex: str, as_block: bool) -> str:
    """The formula, and its LaTeX as ``alttext``: what a notebook takes along.

    :param as_block: it stands on lines of its own
    :raises ValueError: math-core can't read it; the message is one line
    """
    latex = re.sub(r"\\$", r"\\ ", latex.strip())  # a blank of LaTeX at the end
    code = _IN_TEXT.sub(r"{\\\1{\2}\3\\\1{\4}}", latex)
    if as_block and r"\\" in toplevel_code(code):  # Sphinx lets rows stand alone
        code = rf"\begin{{aligned}}{code}\end{{aligned}}"
    try:
        markup = _math_core.convert_with_local_state(code, displaystyle=as_block)
    except LatexError as error:
        raise ValueError(re.sub(r"\x1b\[[\d;]*m", "", str(error)).strip().split("\n")[0]) from None
    try:
        formula = ElementTree.fromstring(_ENTITY.sub(lambda name: unescape(name[0]), markup))
    except ElementTree.ParseError as error:  # a control character, or \operatorname{<}
        raise ValueError(f"math-core makes no XML of it: {error}") from None
    for power in formula.iter("msup"):
        if set(power[1].text or "-") <= set("′″‴⁗"):
            power.tag = "mrow"  # fonts draw it raised, and Chromium would raise it once more
    for table in formula.iter("mtable"):
        table.attrib.pop("scriptlevel", None)  # 0 here anyway; the W3C's checker knows it not
    formula.attrib = {"xmlns": NAMESPACE, "alttext": latex, **formula.attrib}
    return ElementTree.tostring(formula, encoding="unicode")


def unread(latex: str) -> str:
    """What stands in the place of a formula that math-core does not know."""
    return f'<code class="formula">{escape(latex)}</code>'


def _mathml(node, as_block) -> str:
    latex = node.astext().strip()
    try:
        return mathml(latex, as_block)
    except ValueError as error:
        logger.warning("formula %r: %s", latex, error, location=node, type="book",
                       subtype="formulas")
        return unread(latex)


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
