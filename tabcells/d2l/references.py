"""Labels over all pages in D2L's dialect: each that is doubled or never defined is named once."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx.util import logging

from ..page.split import Page

logger = logging.getLogger(__name__)


def taken(env, docname: str, page: Page) -> tuple[str, ...]:
    """The labels of a page that another has defined, among those that have been read."""
    labels = env.get_domain("std").anonlabels
    equations = env.get_domain("math").equations
    return tuple(name for name, _ in page.labels if any(
        known[0] != docname for known in (
            labels.get(name.lower()), equations.get(name)) if known))


def _pages(env) -> Iterator[tuple[str, Page]]:
    for docname in sorted(env.found_docs):
        page = env.metadata[docname].get("tabcells_page", {}).get("page")
        if page and (page.labels or page.references):
            yield docname, page


def check(app, env) -> None:
    """Warn of labels that two pages define, and of those that are used and never defined."""
    def warn(docname, line, sentence, *words) -> None:
        logger.warning(sentence, *words, location=(docname, line), type="tabcells", subtype="d2l")

    definitions: dict[str, tuple[str, int]] = {}
    uses: dict[str, list[tuple[str, int]]] = {}
    for docname, page in _pages(env):
        for name, line in page.labels:
            if first := definitions.get(name.lower()):
                warn(docname, line, "the label %r is defined already, in %s:%d", name,
                     env.doc2path(first[0], False), first[1])
            definitions.setdefault(name.lower(), (docname, line))
        for name, line in page.references:
            uses.setdefault(name, []).append((docname, line))
    for name, places in uses.items():
        if not _is_defined(env, name) and name.lower() not in definitions:
            warn(*places[0], "the label %r is never defined (it is used %d times)", name,
                 len(places))


def _is_defined(env, name) -> bool:
    std = env.get_domain("std")
    return (name.lower() in std.anonlabels or name.lower() in std.labels
            or name.lower() in map(str.lower, env.get_domain("math").equations))


def leave(app, env, node, contnode) -> nodes.Node | None:
    """In the place of a reference to what is never defined, its label.

    ``check`` has named it once; Sphinx would warn at each use.
    """
    page = env.metadata[node.get("refdoc", "")].get("tabcells_page", {}).get("page")
    target = node.get("reftarget", "").lower()
    if page and node.get("reftype") in ("ref", "numref", "eq") and any(
            name.lower() == target for name, _ in page.references) and not _is_defined(env, target):
        return contnode
    return None


def setup(app) -> None:
    app.connect("env-check-consistency", check)
    app.connect("missing-reference", leave)
