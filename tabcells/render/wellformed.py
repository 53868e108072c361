"""What a cell prints can't break what is around it: HTML and SVG, made whole in themselves.

The parser is justhtml's, which reads as browsers do; what is written is HTML and, but for the
text of scripts and styles, XML.  Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from ..run.outputs import printable

_NAMESPACES = {"html": "http://www.w3.org/1999/xhtml", "svg": "http://www.w3.org/2000/svg",
               "math": "http://www.w3.org/1998/Math/MathML"}
_XLINK = "http://www.w3.org/1999/xlink"
_VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
                   "source", "track", "wbr"})
#: Of the page as a whole, or never displayed: a cell has no say in these.
_DROPPED = frozenset({"base", "meta", "noembed", "noframes"})
#: What takes all text up to its end tag as it is, and looks like <pre>; <plaintext> has no end.
_PREFORMATTED = frozenset({"plaintext", "xmp", "listing"})
#: What an e-book or a help viewer gets no part of.
_SCRIPTED = frozenset({"script", "style", "link"})
#: A part of a table that stands alone; outside of a table parsers drop its tags.
_PART_OF_TABLE = re.compile(
    r"(?:\s|<!--.*?-->)*<(?:tr|t[dh]|tbody|thead|tfoot|caption|col|colgroup)(?=[\s/>])",
    re.I | re.S)
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_VALUE = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
#: Some trees become others when they are written and read again (a link in a table in a link).
_PASSES = 8


def wellformed(html: str, scripts: bool = True) -> str:
    """A fragment of HTML that ends what it begins, and ends nothing else.

    :param scripts: with their text as it is, which HTML wants; else the result is XML, without
        scripts, styles and links to such
    """
    for _ in range(_PASSES):
        previous, html = html, "".join(_written(_parsed(html), scripts=True))
        if html == previous:
            break
    return html if scripts else "".join(_written(_parsed(html), scripts=False))


def wellformed_around(pieces: list[str], inline: bool) -> list[str]:
    """Pieces of HTML with something else between each two, well-formed all together.

    :param inline: the rest is text of a paragraph, not paragraphs
    """
    tag = "span" if inline else "div"
    gap = f'<{tag} data-tabcells-gap=""></{tag}>'
    whole = wellformed(gap.join(pieces))
    gaps = sum("data-tabcells-gap" in element.attrs for element in _elements(_parsed(whole)))
    # A gap is lost where a tag has no room for anything else: <select>, <script>.
    return whole.split(gap) if gaps == len(pieces) - 1 == whole.count(gap) else [
        wellformed(piece) for piece in pieces]


def has_scripts(html: str) -> bool:
    """Whether ``wellformed(html, scripts=False)`` leaves out what a reader may miss."""
    return any(_stays(element, True) and not _stays(element, False)
               for element in _elements(_parsed(html)))


def wellformed_svg(svg: str) -> str | None:
    """An SVG file that is XML: as it was if it is already, None if there is no SVG in it."""
    try:
        if ElementTree.fromstring(svg).tag == f"{{{_NAMESPACES['svg']}}}svg":
            return svg
    except (ElementTree.ParseError, ValueError):  # the latter: an encoding that is none
        pass
    image = _parsed(svg).query_one("svg")
    return None if image is None else "".join(_written(image, scripts=False))


def whole(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """An output of a notebook whose HTML and SVG are well-formed; an SVG that holds none becomes
    text, or gives way to the output's other forms."""
    data = output.get("data") or {}
    if not data.keys() & {"text/html", "image/svg+xml"}:
        return output
    data = dict(data)
    if "text/html" in data:
        data["text/html"] = wellformed(_joined(data["text/html"]))
    if "image/svg+xml" in data:
        text = _joined(data.pop("image/svg+xml"))
        image = wellformed_svg(text)
        if image is not None:
            data["image/svg+xml"] = image
        elif not data:
            data["text/plain"] = text
    return {**output, "data": data}


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _parsed(html: str) -> Any:
    from justhtml import JustHTML  # large, and a build without such outputs needs none of it

    if _PART_OF_TABLE.match(html):
        html = f"<table>{html}"
    return JustHTML(html, sanitize=False, fragment=True, scripting_enabled=False).root


def _written(root, scripts: bool) -> Iterator[str]:
    """The markup of a tree; without recursion, since a cell may nest as deep as it likes."""
    stack: list = [(root, "html")] if root.name[0] != "#" else _children(root, "html", scripts)
    while stack:
        node, outside = stack.pop()
        if isinstance(node, str):
            yield node
        elif node.name == "#text":
            yield printable(node.data).translate(_IN_TEXT)
        elif node.name == "noscript" and not scripts:
            stack += _children(node, outside, scripts)
        else:
            namespace = node.namespace
            html = namespace == "html"
            name = "pre" if html and node.name in _PREFORMATTED else _xml_name(node.name)
            content = [] if html and name == "iframe" else _children(node, namespace, scripts)
            start = f"<{name}{_attributes(node, namespace, outside)}"
            if html and name in _VOID:
                yield f"{start} />"
            elif not html and not content:
                yield f"{start}/>"
            elif html and name in ("script", "style"):
                yield f"{start}>{_raw(node)}</{name}>"
            else:
                # Parsers of HTML drop a line's end that comes first in these.
                yield f"{start}>" + "\n" * (
                    scripts and html and name in ("pre", "textarea") and _begins_a_line(node))
                stack += [(f"</{name}>", ""), *content]


def _children(node, namespace, scripts) -> list:
    """``(child, namespace around it)`` of what is written of them, the last one first."""
    inner = getattr(node, "template_content", None) or node
    return [(child, namespace) for child in reversed(inner.children or ())
            if child.name == "#text" or (child.name[0] not in "#!?" and _stays(child, scripts))]


def _stays(node, scripts) -> bool:
    if node.namespace == "html":
        return node.name not in _DROPPED and (scripts or node.name not in _SCRIPTED)
    return scripts or node.name != "script"


def _begins_a_line(node) -> bool:
    first = node.children[0] if node.children else None
    return first is not None and first.name == "#text" and first.data.startswith("\n")


def _raw(node) -> str:
    """The text of a script or style, which HTML reads up to the end tag without entities."""
    text = printable("".join(child.data or "" for child in node.children or ()))
    if node.name == "script" and "<!--" in text and "<script" in text.lower():
        text = text.replace("<!--", "<\\!--")  # or the script would go on behind its end tag
    return text


def _attributes(node, namespace, outside) -> str:
    """As markup; what is known of namespaces is written where one begins."""
    written: dict[str, str] = {}
    if namespace != outside:
        written["xmlns"] = _NAMESPACES[namespace]
    if namespace != "html" and outside == "html" and _has_xlink(node):
        written["xmlns:xlink"] = _XLINK
    for name, value in node.attrs.items():
        if name.partition(":")[0] != "xmlns":
            known = ("xml:",) if namespace == "html" else ("xml:", "xlink:")
            prefix = next((prefix for prefix in known if name.startswith(prefix)), "")
            local = _xml_name(name[len(prefix):])
            written.setdefault(prefix + local, printable(value or ""))
    return "".join(f' {name}="{value.translate(_IN_VALUE)}"' for name, value in written.items())


def _has_xlink(node) -> bool:
    return any(name.startswith("xlink:") for element in _elements(node) for name in element.attrs)


def _elements(root) -> Iterator[Any]:
    nodes = [root]
    while nodes:
        node = nodes.pop()
        nodes += node.children or ()
        if node.name[0] not in "#!?":
            yield node


def _xml_name(name: str) -> str:
    """A name that XML can hold, as the HTML standard coerces it ("coercing an HTML DOM into an
    infoset"), in small letters, which parsers of HTML leave alone."""
    name = re.sub(r"[^A-Za-z0-9_.-]", lambda odd: f"u{ord(odd[0]):06x}", name) or "u000000"
    return name if re.match("[A-Za-z_]", name) else f"u{ord(name[0]):06x}{name[1:]}"
