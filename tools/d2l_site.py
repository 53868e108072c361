"""Checkouts of *Dive into Deep Learning* as one site, a folder for each language: `make d2l`.

Usage: python -m tools.d2l_site SOURCE [SOURCE ...]

Each SOURCE is a checkout with a `config.ini`, in a language of its own.  The site is written to
`_build/d2l`, and nothing into a checkout.  d2lbook/conf.py has the settings, and reads D2L_PAGES
and D2L_RUN, patterns of the pages to build and of those to run.  Of each language a line tells how
long its build took, how much memory, and how many warnings of which kind there were.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import jinja2

from book.shell import name_of
from tabcells.d2l.project import FILE, read

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "d2l"


def by_language(sources: list[Path]) -> dict[str, Path]:
    """``{language: checkout}``, in the order in which they are given.

    :raises ValueError: one is no checkout, or has the language of another
    """
    checkouts: dict[str, Path] = {}
    for source in sources:
        if not (source / FILE).is_file():
            raise ValueError(f"there is no {FILE} in {source}: SOURCE is a checkout, or several")
        language = read(source).language
        if language in checkouts:
            raise ValueError(f"{checkouts[language]} and {source} are both in {language!r}")
        checkouts[language] = source.resolve()
    return checkouts


def landing(checkouts: Mapping[str, Path]) -> str:
    """The site's first page, which leads to each language."""
    template = jinja2.Template((ROOT / "d2lbook" / "landing.html").read_text("utf-8"),
                               autoescape=True, keep_trailing_newline=True)
    return template.render(editions=[
        SimpleNamespace(language=language, name=name_of(language), title=read(source).title)
        for language, source in checkouts.items()])


def build(language: str, checkouts: Mapping[str, Path], site: Path = SITE) -> int:
    """The exit code of Sphinx, which builds one language; a line tells what that took."""
    source, log = str(checkouts[language]), site.parent / "d2l-warnings" / f"{language}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "sphinx", "-b", "html", "-n", "-c", str(ROOT / "d2lbook"),
         "-d", str(site.parent / "doctrees" / "d2l" / language), "-w", str(log), source,
         str(site / language)],
        env={**os.environ, "D2L_SOURCE": source,
             "D2L_SOURCES": os.pathsep.join(map(str, checkouts.values()))})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(f"{language}: {time.monotonic() - began:.0f} s, of which {usage.ru_utime:.0f} s of a "
          f"core; {usage.ru_maxrss / 1024:.0f} MB at most; {_counted(log.read_text('utf-8'))}")
    return process.returncode


def _counted(log: str) -> str:
    """How many warnings of each kind Sphinx has written."""
    kinds = Counter(re.findall(r"\[([\w.-]+)\]$", re.sub(r"\x1b\[[\d;]*m", "", log), re.MULTILINE))
    each = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"{kinds.total()} warnings" + f" ({each})" * bool(each)


def main(words: list[str]) -> int:
    try:
        checkouts = by_language([Path(word) for word in words])
    except ValueError as error:
        print(f"make d2l: {error}", file=sys.stderr)
        return 2
    if not checkouts:
        print("make d2l: SOURCE=path/of/a/checkout, or several between quotes", file=sys.stderr)
        return 2
    failed = [language for language in checkouts if build(language, checkouts)]
    if failed:
        print(f"make d2l: the build of {', '.join(failed)} failed (see above)", file=sys.stderr)
        return 1
    (SITE / "index.html").write_text(landing(checkouts), "utf-8")
    print(f"The site is in {SITE.relative_to(ROOT)}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
