"""Which sections of both languages say the same, as a person last confirmed.

``translations.tsv`` holds a line for each section with prose: the page, a digest of the
prose in Vietnamese and in English, the English title for whoever reads the diff.  A pair of
digests is looked up, not a position, so that a section may move.  Pure functions but two.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from unicodedata import normalize

from .pages import Page, Section

FILE = "translations.tsv"
_HEAD = ("# Sections whose Vietnamese and English say the same. Written by `make translated`.\n"
         "# page\tvi\ten\tsection\n")


def digest(section: Section) -> str:
    """Of a section's prose, code in sentences included; titles, cells and wrapping are not."""
    text = "\n".join(" ".join(run.text.split()) for run in section.prose if not run.title)
    text = normalize("NFC", text).strip()
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "-"


def pairs(vi: Page, en: Page) -> list[tuple[Section, Section, str, str]]:
    """The sections side by side, by their order, with their digests; those without prose not."""
    rows = [(ours, theirs, digest(ours), digest(theirs))
            for ours, theirs in zip(vi.sections, en.sections, strict=False)]
    return [row for row in rows if row[2:] != ("-", "-")]


def check(vi: Page, en: Page, confirmed: list[tuple[str, str, str]]) -> list[str]:
    """Sections that differ from what was ``confirmed`` (see ``load``), a message each."""
    messages = []
    known = [row[:2] for row in confirmed]
    for ours, theirs, a, b in pairs(vi, en):
        if (a, b) in known:
            continue
        here, there = f"{vi.path}:{ours.line}", f"{en.path}:{theirs.line}"
        name, twin = _name(ours), _name(theirs)
        if b in [pair[1] for pair in known]:
            text = _alone(here, name, there, twin)
        elif a in [pair[0] for pair in known]:
            text = _alone(there, twin, here, name)
        else:
            text = (f"{here}: section {name} and its twin {twin} in {there} are new or have both "
                    "changed: when they say the same, confirm with")
        messages.append(f"{text} `make translated PAGE={vi.path.removesuffix('.md')}`")
    return messages


def _alone(changed: str, name: str, same: str, twin: str) -> str:
    return (f"{changed}: section {name} changed; its twin {twin} in {same} did not: "
            "translate the change, or confirm that it needs none with")


def _name(section: Section) -> str:
    return f"'{section.title}'" if section.title else "(above the first heading)"


def load(file: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Page -> digests and English title of each section; nothing where there is no file."""
    state: dict[str, list[tuple[str, str, str]]] = {}
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        page, *cells = line.split("\t")
        if not line.startswith("#") and len(cells) == 3:
            state.setdefault(page, []).append((cells[0], cells[1], cells[2]))
    return state


def confirm(file: Path, chosen: dict[str, tuple[Page, Page]], pages: set[str]) -> list[str]:
    """Write the ``chosen`` pages' state as it stands; what that confirmed, in words.

    The other ``pages`` of the book keep theirs.
    """
    state, messages = load(file), []
    for name, (vi, en) in chosen.items():
        known = [row[:2] for row in state.get(name, [])]
        messages += [f"confirmed: {name}: {_name(ours)} = {_name(theirs)}"
                     for ours, theirs, *both in pairs(vi, en) if tuple(both) not in known]
        state[name] = [(a, b, " ".join(theirs.title.split()))
                       for ours, theirs, a, b in pairs(vi, en)]
    rows = ["\t".join((name, *row)) for name in sorted(pages) for row in state.get(name, [])]
    file.write_text(_HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
    return messages or ["nothing to confirm: no section has changed"]
