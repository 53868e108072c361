"""Make Sphinx's `singlehtml` page one sound document: unique ids, links that lead somewhere.

Sphinx puts many pages into one but leaves their ids alone, so that two pages' `id1` collide,
and links across pages read `#document-PAGE#ID` (sphinx-doc/sphinx issue 14221).
"""
import re

from bs4 import BeautifulSoup

START = "document-"  # Sphinx: <span id="document-PAGE"> begins a page
HEADING = re.compile("^h[1-6]$")
REFERRING = ("aria-labelledby", "aria-controls", "aria-describedby", "for", "headers")


def one_page(html) -> str:
    """``html`` with ids that begin with their page's name, the contents behind the title.

    :raises ValueError: a link that leads to no place in the page
    """
    soup = BeautifulSoup(html, "html.parser")
    page = ""
    for node in soup.find_all(True):
        name = node.get("id", "")
        if node.name == "span" and name.startswith(START):
            page = name.removeprefix(START)
            node["id"] = START + _word(page)
        else:
            _rename(node, page)
    _move_contents(soup)
    # A link leads to the title, which may stand a sheet later than where its section begins.
    for start in soup.select(f"span[id^={START}]"):
        start.find_next(HEADING).insert(0, start.extract())
    for section in soup.select("section[id]"):
        section.find(HEADING)["id"] = section.attrs.pop("id")
    ids = [node["id"] for node in soup.select("[id]")]
    if len(ids) != len(set(ids)):
        raise ValueError(f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}")
    dead = {a["href"] for a in soup.select("a[href^='#']")} - {"#" + i for i in ids}
    if dead:
        raise ValueError(f"links to nowhere: {sorted(dead)}")
    return str(soup)


def _rename(node, page) -> None:
    """Prefix ``page`` to an element's id and to all that refers to ids of that page."""
    for key, value in node.attrs.items():
        if key == "id":
            node[key] = _id(page, value)
        elif key in REFERRING:
            names = value if isinstance(value, list) else value.split()
            node[key] = " ".join(_id(page, name) for name in names)
        elif key in ("href", "xlink:href") and value.startswith("#"):
            node[key] = _target(value[1:], page)
        elif isinstance(value, str) and "url(#" in value:
            node[key] = value.replace("url(#", f"url(#{_id(page, '')}")


def _target(fragment, page) -> str:
    if not fragment.startswith(START):
        return f"#{_id(page, fragment)}"
    docname, _, name = fragment.removeprefix(START).partition("#")
    return f"#{_id(docname, name)}" if name else f"#{START}{_word(docname)}"


def _id(page, name) -> str:
    """An id of a page.  In SVG, which is XML, a letter comes first, and no / stands in it."""
    return f"p-{_word(page)}.{name}"


def _word(page) -> str:
    return re.sub(r"[^\w-]", "_", page)


def _move_contents(soup) -> None:
    """The table of contents goes between the first page's own text and the first chapter."""
    contents, first = soup.select_one("nav.contents"), soup.select_one(f"span[id^={START}]")
    if contents and first:
        first.insert_before(contents.extract())
