"""`{guess}`: a question before a result, with answers and what is to be said of each.

The tree holds them as a question and a list, which is what paper, e-books and browsers without
JavaScript show.  The outputs that follow, and text of the class `result`, get the guess's name
as a class: `learn.js` hides them until the reader has guessed.
"""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

CLASS = "guess"
RESULTS = {"cell_output", "result"}


class Guess(SphinxDirective):
    """``{guess} NAME``: a paragraph that asks, and a list of three or four answers.

    An item's first paragraph is the answer, the rest is said to whoever chose it; ``:right:``
    is the number of the right one.  NAME is of one guess in the book: it is what is remembered.
    """

    has_content = True
    required_arguments = 1
    option_spec: ClassVar = {"right": directives.positive_int}

    def run(self) -> list[nodes.Node]:
        right = self.options.get("right", 0)
        match self.parse_content_to_nodes():
            case [nodes.paragraph() as question, nodes.bullet_list() as answers]:
                pass
            case _:
                raise self.error("a guess is a paragraph that asks, and a list of answers")
        if len(answers) not in (3, 4) or not all(
                len(item) > 1 and all(isinstance(p, nodes.paragraph) for p in item[:2])
                for item in answers):
            raise self.error("a guess has three or four answers, each with a paragraph that "
                             "tells why it is right or not")
        if not 1 <= right <= len(answers):
            raise self.error(f"a guess says which answer is right, `:right:` 1 to {len(answers)}")
        for number, item in enumerate(answers, 1):
            word = _("Right.") if number == right else _("Not so.")
            item[1].insert(0, [nodes.strong("", word), nodes.Text(" ")])
        question.insert(0, [nodes.strong("", _("Guess first.")), nodes.Text(" ")])
        box = nodes.container("", question, answers, classes=[CLASS],
                              names=[f"{CLASS}-{self.arguments[0]}"])
        self.set_source_info(box)
        self.state.document.note_explicit_target(box, box)
        return [box]


class MarkResults(SphinxTransform):
    """Give each result the name of its guess: the last one above in its tab and section."""

    default_priority = 450  # tab sets have been gathered by then

    def apply(self, **kwargs) -> None:
        guesses = dict[str, nodes.Element]()  # {tab: the last one}; "" is of all tabs
        for node in list(self.document.findall(nodes.Element)):
            classes = set(node["classes"])
            if CLASS in classes:
                tab = _tab(node)
                guesses = {**guesses, tab: node} if tab else {tab: node}
            elif classes & RESULTS and not _is_in_a_result(node):
                box = guesses.get(_tab(node), guesses.get(""))
                if box and _section(box) in _above(node):
                    node["classes"].append(f"of-{box['ids'][0]}")


def _above(node) -> list[nodes.Element]:
    above = []
    while node.parent is not None:
        node = node.parent
        above.append(node)
    return above


def _tab(node) -> str:
    return next((parent["panel"] for parent in _above(node) if "panel" in parent), "")


def _section(node) -> nodes.Element:
    return next(parent for parent in _above(node)
                if isinstance(parent, nodes.section | nodes.document))


def _is_in_a_result(node) -> bool:
    return any(RESULTS & set(parent.get("classes", ())) for parent in _above(node))


def setup(app) -> None:
    app.add_directive("guess", Guess)
    app.add_transform(MarkResults)
