"""What a reader does on a page: `{guess}` before a result, ticks an `{.exercise}`, asks what a
`{gloss}` means.  `_static/learn.js` makes it so; where no script runs, all of it is plain text.
"""

from __future__ import annotations

import json

from docutils import nodes
from sphinx.locale import _

from ..site import for_site
from . import gloss, guess


def add_script(app, pagename, templatename, context, doctree) -> None:
    """Give pages that have any of it the script, with its words."""
    if for_site(app.builder) and doctree and any(doctree.findall(_is_for_the_reader)):
        words = {"result": _("Show the result"), "again": _("Guess again"), "done": _("Done")}
        app.add_js_file("learn.js", loading_method="defer", **{
            "data-words": json.dumps(words, ensure_ascii=False)})


def _is_for_the_reader(node) -> bool:
    return isinstance(node, gloss.gloss) or (isinstance(node, nodes.Element) and any(
        name in node["classes"] for name in (guess.CLASS, "exercise")))


def setup(app) -> None:
    gloss.setup(app)
    guess.setup(app)
    app.connect("html-page-context", add_script)
