"""Does the prose of a checkout arrive? Its words, page by page, before and after it is read.

Usage: python -m tools.d2l_words SOURCE TAB

SOURCE is a checkout with a `config.ini`; prose of TAB counts, that of the other tabs does not.
Each page whose words differ gets a line with the first of them; the last line sums up.
The words of the source are found by patterns of this file alone, not by what reads the pages.
"""
from __future__ import annotations

import argparse
import html
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sphinx.util.matching import get_matching_files

from tabcells import d2l
from tabcells.d2l.project import read as read_project
from tabcells.errors import CellError

from .pages import read_page

#: What is no prose, in the order in which it goes.
GONE = (
    r"(?ms)^ *(```+)[^`\n]*\n.*?^ *\1`* *$",  # fences first: they may hold all that follows
    r"(?s)<!--.*?-->",
    r"(?s)[\[(]~~.*?~~[\])]",
    r":\w+: ?`+[^`\n]*`+",
    r"(?s)(?<!\\)\$\$.*?\$\$",
    r"(?<!\\)\$(?:[^$\\\n]|\\.|\n(?!\s*\n))+\$",
    r"(`+)[^`].*?\1",
    r"</?[A-Za-z][\w-]*(?:\s[^<>\n]*)?/?>",
    r"(?m)^\s*: ?end_tab ?:",
    r"(?m)^(?:Table)?:(?= ?\w)",
)
#: What stands around words, which may go on right after it: links, then marks for slides.
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)(?:(?<!\*\*)\]|\](?=\([^\s()]*[/#.:]))"
                   r"\(\s*[^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\s*\)")
_SLIDE = re.compile(r"[\[(]\*\*|\*\*[\])]")
_TAB = re.compile(r"(?ms)^: ?begin_tab: ?`([^`]*)`(.*?)(?=^: ?end_tab:|^: ?begin_tab:|\Z)")
_WORD = re.compile(r"[^\W\d_]+")
#: The page's title, where it stands in reStructuredText.
_TITLE = re.compile(r"(?m)^```eval_rst *\n+\.\. only:: html\n+ +(\S.*)\n +[=~-]+\n+```")


def words_before(text: str, tab: str) -> Counter[str]:
    """The words of a page's source that readers of ``tab`` should meet."""
    text = re.sub(GONE[0], "", _TITLE.sub(r"\1", text))
    text = re.sub(GONE[1], "", text)
    text = _TAB.sub(lambda match: match[2] if tab in re.split(r"\s*,\s*", match[1].strip())
                    else "", text)
    for pattern in GONE[2:]:
        text = re.sub(pattern, " \0 ", text)  # where something was that no address of a link holds
    text = re.sub(r"<([a-z]+:[^<>\s]+)>", r"\1", text)
    # An image stands alone; what a link says goes on in its sentence.
    text = _SLIDE.sub("", _LINK.sub(lambda link: f" {link[2]} " if link[1] else link[2], text))
    return _counted(html.unescape(text))


def _counted(text: str) -> Counter[str]:
    # Emphasis may begin and end within a word.
    return Counter(_WORD.findall(text.replace("*", "")))


def words_after(page: d2l.Page) -> Counter[str]:
    """The words of the same page as MyST, its prose found by MyST's own parser."""
    text = re.sub("(?m)^:alt: .*\n", "", d2l.write(page))
    prose = "\n".join(each.words for section in read_page(text, page.path, "").sections
                      for each in section.prose)
    # A table's title is handed on as it is written.
    return _counted(re.sub(r"\{[\w:]+\}`[^`]*`|\$(?! )[^$\n]{0,40}(?<! )\$", " ", prose))


def compare(source: Path, tab: str) -> Iterator[tuple[str, int, str]]:
    """Of each page its path, how many words it has, and what differs ("" for nothing)."""
    project = read_project(source)
    without = frozenset(project.tabs) - {tab}
    for name in sorted(get_matching_files(source, project.pages, project.exclusions)):
        text = (source / name).read_text("utf-8")
        before = words_before(text, tab)
        try:
            page = d2l.read(text, name, [tab], d2l.Dialect(project.tabs[0], without))
        except CellError as error:
            yield name, before.total(), str(error)
            continue
        after = words_after(page)
        lost, more = before - after, after - before
        yield name, before.total(), "; ".join(
            f"{kind} {words.total()}: {' '.join(list(words)[:6])}"
            for kind, words in (("lost", lost), ("more", more)) if words)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("tab")
    arguments = parser.parse_args()
    pages = list(compare(arguments.source, arguments.tab))
    different = [(name, words) for name, _, words in pages if words]
    for name, words in different:
        print(f"{name}: {words}")
    print(f"{len(pages)} pages, {sum(count for _, count, _ in pages)} words; "
          f"{len(different)} pages differ")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
