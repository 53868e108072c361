"""The book away from its site: what only the site has is left out, what folds is in full."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

#: Where a page's metadata keep the ids of what only the site has.
_SITE_ONLY = "book_site_only"


class LeaveSite(SphinxPostTransform):
    """Drop `{.site-only}` and links to the site's other files; hide no cell's code."""

    default_priority = 190  # before myst-nb hides (199)
    builders = ("singlehtml", "epub")

    def run(self, **kwargs) -> None:
        for node in list(self.document.findall(nodes.Element)):
            if "site-only" in node.get("classes", ()):
                node.parent.remove(node)
            node.attributes.pop("hide_mode", None)
        for link in list(self.document.findall(nodes.reference)):
            if _to_a_file(link):
                _drop(link)
        for start in list(self.document.findall(nodes.raw)):
            if re.match(r'<a\b[^>]*\bhref="(?!#|[a-z]+:)[^>]*>$', start.astext()):
                _unlink(start)


def _to_a_file(link) -> bool:
    uri = link.get("refuri", "")
    return bool(uri) and not link.get("internal") and ":" not in uri and not uri.startswith("#")


def _drop(link) -> None:
    """Remove a link; a paragraph that begins with it is about the file, and goes too."""
    parent = link.parent
    if isinstance(parent, nodes.paragraph) and parent[0] is link:
        parent.parent.remove(parent)
    else:
        parent.replace(link, link.children)


def _unlink(start) -> None:
    """Remove an inline `<a>` and its `</a>`; what is between them stays."""
    line = start.parent
    end = next(node for node in line[line.index(start):] if node.astext() == "</a>")
    line.remove(end)
    line.remove(start)


def note_site_only(app, doctree) -> None:
    """Keep with a page the ids of what only the site has: links from all pages lead there."""
    ids = {name for node in doctree.findall(nodes.Element)
           if "site-only" in node.get("classes", ())
           for inner in node.findall(nodes.Element) for name in inner.get("ids", ())}
    if ids:
        app.env.metadata[app.env.docname][_SITE_ONLY] = ids


def unlink_site_only(app, doctree, docname) -> None:
    """Links to what the edition leaves out become their words."""
    if app.builder.name not in LeaveSite.builders:
        return
    gone = _site_only(app.env)
    addresses = {f"{app.builder.get_relative_uri(docname, page)}#{name}"
                 for page, ids in gone.items() for name in ids}
    for link in list(doctree.findall(nodes.reference)):
        if link.get("refuri") in addresses or link.get("refid") in gone.get(
                _page_of(link) or docname, ()):
            link.parent.replace(link, link.children)


def shorten_contents(app, builder) -> None:
    """Leave out of the contents and of the index what the edition leaves out."""
    if builder.name not in LeaveSite.builders:
        return
    entries = app.env.domaindata["index"]["entries"]
    for docname, ids in _site_only(app.env).items():
        entries[docname] = [entry for entry in entries.get(docname, ()) if entry[2] not in ids]
        for link in list(app.env.tocs[docname].findall(nodes.reference)):
            if link["anchorname"].removeprefix("#") in ids:
                item = link.parent.parent
                if item.parent:  # not gone with the section around it
                    item.parent.remove(item)


def _site_only(env) -> dict[str, set[str]]:
    gone = {page: set(about[_SITE_ONLY]) for page, about in env.metadata.items()
            if _SITE_ONLY in about}
    for citation in getattr(env.domains.get("cite"), "citations", ()):
        bibliography = citation.bibliography_key
        if bibliography.id_ in gone.get(bibliography.docname, ()):
            gone[bibliography.docname].add(citation.citation_id)
    return gone


def _page_of(node) -> str:
    """The page that a node of the assembled book comes from; "" in a page of its own."""
    while node is not None and not (isinstance(node, nodes.section) and "docname" in node):
        node = node.parent
    return node["docname"] if node is not None else ""


def setup(app) -> None:
    app.add_post_transform(LeaveSite)
    app.connect("doctree-read", note_site_only)
    app.connect("doctree-resolved", unlink_site_only)
    app.connect("write-started", shorten_contents)
