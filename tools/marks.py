"""What of a mark (a role, a link, an option) must be equal in both languages.

The rest of it is prose, which each language says in its own words.  Pure functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import yaml
from markdown_it.token import Token

LANGUAGES = ("vi", "en")
#: Options, attributes and keys of a front matter that hold prose.
PROSE_KEYS = {"alt", "aria-label", "caption", "class-title", "code_prompt_hide",
              "code_prompt_show", "description", "keywords", "title"}
#: Roles whose text is prose, and no target.
PROSE_ROLES = {"abbr", "dfn", "guilabel", "menuselection", "sub", "sup"}


class Html(HTMLParser):
    """The start tags of a piece of HTML, ``[(name, attributes)]``, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_data(self, data) -> None:
        self.text += data


def in_sentence(token: Token, language: str) -> Iterator[tuple[str, str, str]]:
    """Kind, name and value of what must be equal in a sentence; nothing for prose."""
    if token.type == "myst_role":
        role = token.meta["name"]
        if role.startswith("cite"):
            for key in token.content.split(","):
                yield "citation", key.strip(), ""
        elif role in PROSE_ROLES:
            yield "role", f"{{{role}}}", ""
        else:
            target = re.search(r"<([^<>]+)>\s*$", token.content)
            yield "role", f"{{{role}}}", target.group(1) if target else token.content
    elif token.type == "link_open":
        yield "link", "", address(str(token.attrs["href"]), language)
    elif token.type == "image":
        yield "image", "", str(token.attrs["src"])
    elif token.type.startswith("math_inline"):
        yield "formula", "", equation(token.content)
    elif token.type == "footnote_ref":
        yield "footnote", "", str(token.meta["label"])
    elif token.type == "html_inline":
        for tag, attributes in Html(token.content).tags:
            yield "HTML", f"<{tag}>", html_attributes(attributes, language)


def html_attributes(attributes: dict[str, str], language: str) -> str:
    """A tag's attributes, one a line; links to the other language are alike."""
    return options({key: address(value, language) if key in ("href", "src") else value
                    for key, value in attributes.items() if key not in ("lang", "hreflang")})


def role_title(role: Token) -> str:
    """What of a role is prose: `text` of `text <target>`, all of an abbreviation."""
    if role.meta["name"] in PROSE_ROLES:
        return role.content
    return role.content.rpartition("<")[0].strip() if role.content.endswith(">") else ""


def address(target: str, language: str) -> str:
    """A link's target without its language: `../en/` in Vietnamese is `../vi/` in English."""
    outside = re.match(r"[a-z]+:", target)

    def said(code: re.Match) -> str:
        return "{language}" if outside else "{own}" if code[0] == language else "{other}"

    return re.sub(rf"(?<![\w-])({'|'.join(LANGUAGES)})(?![\w-])", said, target)


def tab_of(metadata: str) -> str | None:
    """The tab that a line `+++ METADATA` opens."""
    try:
        read = json.loads(metadata or "{}")
    except ValueError:
        return None  # the build says so, with its line
    return read.get("tab") if isinstance(read, dict) else None


def front_matter(text: str) -> dict:
    """A page's front matter; what is no mapping stands under an empty key."""
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError:
        read = text  # the build says so
    return read if isinstance(read, dict) else {"": read}


def prose_in(given: dict) -> Iterator[str]:
    """The prose that options, attributes or a front matter hold, at any depth."""
    for key, value in given.items():
        if key in PROSE_KEYS:
            yield from map(str, value if isinstance(value, list) else [value])
        elif isinstance(value, dict):
            yield from prose_in(value)


def options(given: dict) -> str:
    """Options, one a line, sorted, without what is prose."""
    return "\n".join(f":{key}: {value}" for key, value in sorted(
        (str(key), _as_text(_masked(key, value))) for key, value in given.items()))


def _masked(key: Any, value: Any) -> Any:
    if key in PROSE_KEYS:
        return "(prose)"
    if isinstance(value, dict):
        return {str(inner): _masked(inner, held) for inner, held in value.items()}
    return value


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)


def toctree_entry(row: str) -> str:
    """An entry without its title."""
    target = re.fullmatch(r"\s*.+<([^<>]+)>\s*", row)
    return target.group(1) if target else row.strip()


def equation(text: str) -> str:
    r"""A formula without its words: what stands in ``\text{}``."""
    return re.sub(r"\\text\{[^{}]*\}", r"\\text{}", text).strip()
