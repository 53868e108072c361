"""Compare the twins of every page, headings' labels, translation's state, terms and synonyms.

Usage: python -m tools.parity check              what differs, a line each; exit code 1 if any
       python -m tools.parity translated [PAGE]  both languages of a page (of all) say the same
"""

from __future__ import annotations

import runpy
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from unicodedata import normalize

from docutils.nodes import fully_normalize_name as normalized
from sphinx.errors import ConfigError

from book import addresses, synonyms

from . import glossary, translations
from .pages import Item, Page, Section, read_page

ROOT = Path(__file__).resolve().parent.parent


def compare(vi: Page, en: Page) -> list[str]:
    """What differs between the twins, a message each: `file:line: [tab] what, and where`.

    Blocks are compared in their order, what stands in sentences as a multiset of the
    section and tab: the order of citations, links, formulas may follow the sentence.
    """
    if _levels(vi) == _levels(en):
        pairs = list(zip(vi.sections, en.sections, strict=True))
    else:  # then sections can't be paired: the page is one
        pairs = [(_whole(vi), _whole(en))]
    return [message for pair in pairs
            for message in [*_blocks(vi, en, *pair), *_inline(vi, en, *pair)]]


def _levels(page: Page) -> list[int]:
    return [section.level for section in page.sections]


def _whole(page: Page) -> Section:
    return Section("", 0, 1, [item for section in page.sections for item in section.blocks],
                   [item for section in page.sections for item in section.inline])


def _blocks(vi: Page, en: Page, ours: Section, theirs: Section) -> Iterator[str]:
    def full(item) -> tuple:
        return item.kind, item.name, item.value, item.tab, item.within

    def kind(item) -> tuple:
        return item.kind, item.name, item.tab, item.within

    for left, right in _unequal(ours.blocks, theirs.blocks, full):
        rest: tuple[list[Item], list[Item]] = ([], [])
        for near, far in _aligned(left, right, kind):
            if near and far:
                yield _differs(vi, en, near, far)
            else:
                rest[near is None].append(near or far)  # type: ignore[arg-type]
        yield from _missing(vi, en, rest[0], right[0].line if right else theirs.line)
        yield from _missing(en, vi, rest[1], left[0].line if left else ours.line)


def _unequal(left: list[Item], right: list[Item], key) -> Iterator[tuple[list[Item], list[Item]]]:
    matcher = SequenceMatcher(None, [*map(key, left)], [*map(key, right)], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield left[a:b], right[c:d]


def _aligned(left: list[Item], right: list[Item], key) -> Iterator[tuple[Item | None, Item | None]]:
    """Counterparts of equal ``key``, in order; None beside those without one."""
    matcher = SequenceMatcher(None, [*map(key, left)], [*map(key, right)], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(left[a:b], right[c:d], strict=True)
        else:
            yield from ((item, None) for item in left[a:b])
            yield from ((None, item) for item in right[c:d])


def _differs(vi: Page, en: Page, ours: Item, theirs: Item) -> str:
    rows = zip_longest(ours.value.split("\n"), theirs.value.split("\n"), fillvalue="")
    there, here = next((pair for pair in rows if pair[0] != pair[1]), ("", ""))
    return _message(en.path, theirs, f"{theirs} differs from {vi.path}:{ours.line}: "
                                     f"`{here.strip()}` here, `{there.strip()}` there")


def _missing(have: Page, lack: Page, items: Iterable[Item], near: int) -> Iterator[str]:
    for item in items:
        head, *rows = item.value.split("\n")
        first = next((row for row in rows if row.strip() and row[0] != ":"), head)
        what = f"{item} `{first.strip()}`" if first else str(item)
        yield _message(have.path, item, f"{what} has no counterpart in {lack.path}, "
                                        f"near line {near}")


def _inline(vi: Page, en: Page, ours: Section, theirs: Section) -> Iterator[str]:
    def key(item) -> tuple:
        return item.kind, item.name, item.value, item.tab, item.within

    for have, lack, section, twin in ((vi, en, ours, theirs), (en, vi, theirs, ours)):
        spare = Counter(map(key, twin.inline))
        for item in section.inline:
            spare[key(item)] -= 1
            if spare[key(item)] < 0:
                yield from _missing(have, lack, [item], twin.line)


def _message(path: str, item: Item, text: str) -> str:
    return f"{path}:{item.line}: {f'[tab {item.tab}] ' if item.tab else ''}{text}"


def labels(pages: Iterable[Page]) -> list[str]:
    """Headings without a label, and labels that two places of these pages have.

    :param pages: of one language: a label names one place in all of them
    """
    messages, places = [], dict[str, str]()
    for page in pages:
        for section in page.sections:
            if section.level and not section.labels:
                messages.append(f"{page.path}:{section.line}: heading '{section.title}' has no "
                                "label: write `(sec_name)=` above it, the same in both languages")
            for item in section.blocks:
                if item.kind == "target":
                    label, place = item.value.splitlines()[-1], f"{page.path}:{item.line}"
                    first = places.setdefault(normalized(label), place)
                    if first != place:
                        messages.append(f"{place}: label `{label}` stands in {first} too")
    return messages


def old_addresses(file: Path, twins: dict[str, tuple[Page, Page]]) -> list[str]:
    """What is wrong with the list of ids that sections once had (book/addresses.py)."""
    try:
        rows = addresses.load(file)
    except ConfigError as error:
        return [str(error)]
    messages = []
    for row in rows:
        if row.page not in twins:
            messages.append(f"{row.place}: there is no page {row.page!r}")
        messages += [f"{row.place}: no heading in {page.path} has the label `{row.label}`"
                     for page in twins.get(row.page, ())
                     if normalized(row.label) not in {
                         normalized(name) for section in page.sections for name in section.labels}]
    return messages


def names_of_one_thing(file: Path) -> list[str]:
    """What is wrong with the names that the search takes for one another (book/synonyms.py)."""
    try:
        synonyms.load(file)
    except ConfigError as error:
        return [str(error)]
    return []


def find_pages(root: Path = ROOT) -> dict[str, tuple[Path, Path]]:
    """Every page of the book: its name without suffix, its Vietnamese and English file.

    ``conf.py`` says what a page is; one of the two files may be missing.
    """
    suffix = ".md"
    patterns = runpy.run_path(str(root / "conf.py"))["include_patterns"]
    names = set()
    for pattern in patterns:
        for path in root.glob(pattern.removesuffix(".en.md").removesuffix(suffix) + suffix):
            names.add(str(path.relative_to(root)).removesuffix(suffix).removesuffix(".en"))
    return {name: (root / f"{name}.md", root / f"{name}.en.md") for name in sorted(names)}


def read_twins(root: Path = ROOT) -> tuple[dict[str, tuple[Page, Page]], list[str]]:
    """Both languages of every page, and a message for each page that has but one."""
    twins, alone = {}, []
    for name, files in find_pages(root).items():
        lacking = [file.name for file in files if not file.exists()]
        if lacking:
            alone.append(f"{name}: the page has no twin {lacking[0]}")
            continue
        vi, en = (read_page(file.read_text("utf-8-sig"), str(file.relative_to(root)), language)
                  for file, language in zip(files, ("vi", "en"), strict=True))
        twins[name] = vi, en
    return twins, alone


def check(root: Path = ROOT) -> list[str]:
    """Everything that is wrong with the pages' two languages, a message each."""
    twins, messages = read_twins(root)
    state = translations.load(root / translations.FILE)
    terms = glossary.load(root / glossary.FILE)
    for name, (vi, en) in twins.items():
        messages += compare(vi, en)
        if _levels(vi) == _levels(en):
            messages += translations.check(vi, en, state.get(name, []))
        messages += glossary.check(vi, terms)
    for pages in zip(*twins.values(), strict=True):
        messages += labels(pages)
    return [*messages, *old_addresses(root / addresses.FILE, twins),
            *names_of_one_thing(root / synonyms.FILE)]


def confirm(page: str = "") -> int:
    """Keep that both languages of ``page`` (all: "") say the same; the exit code."""
    twins, _ = read_twins()
    page = normalize("NFC", page).removesuffix(".md").removesuffix(".en")
    if page and page not in twins:
        print(f"make translated: there is no page {page!r}, but {', '.join(twins)}")
        return 1
    chosen = {name: pair for name, pair in twins.items() if page in ("", name)}
    unequal = [message for pair in chosen.values() for message in compare(*pair)]
    if unequal:
        print(*unequal, "make translated: first mend what differs (above)", sep="\n")
        return 1
    print(*translations.confirm(ROOT / translations.FILE, chosen, set(twins)), sep="\n")
    return 0


def main(words: list[str]) -> int:
    if words[:1] == ["check"]:
        messages = check()
        print("\n".join(messages) or f"parity: {len(find_pages())} pages agree in both languages")
        return bool(messages)
    if words[:1] == ["translated"] and len(words) <= 2:
        return confirm(*words[1:])
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
