"""Put the languages just built into `_build/html` in one move; keep the others there.

Usage: python -m tools.publish LANGUAGE [LANGUAGE ...]
(BOOK_URL: where the site will be, if known; BOOK_EDITIONS: kinds of editions to put beside it)
"""
import os
import shutil
import sys
from pathlib import Path

from book.shell import EDITIONS

from . import site_files

ROOT = Path(__file__).resolve().parent.parent


def publish(languages, build=ROOT / "_build", url="", editions=()) -> None:
    """Swap in a new site: a failure on the way leaves the old one as it was, and nothing else.

    :param url: the site's address; without it there is no sitemap, and links are relative
    :param editions: ``pdf``, ``epub``: the book as one file, which pages link to
    :raises OSError: a full disk, a read-only folder, what was never built
    """
    site, new, old = build / "html", build / "html.new", build / "html.old"
    shutil.rmtree(new, ignore_errors=True)
    if not site.exists() and old.exists():  # interrupted between the two moves
        old.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    try:
        _gather(languages, build, url, editions)
        if site.exists():
            site.rename(old)
        new.rename(site)
    except OSError:
        if old.exists() and not site.exists():
            old.rename(site)
        shutil.rmtree(new, ignore_errors=True)  # it may be what fills the disk
        raise
    shutil.rmtree(old, ignore_errors=True)


def _gather(languages, build, url, editions) -> None:
    """`html.new`: the site as it is, with these languages in the place of theirs."""
    site, new = build / "html", build / "html.new"
    if site.exists():
        shutil.copytree(site, new)
    for language in languages:
        shutil.rmtree(new / language, ignore_errors=True)
        shutil.copytree(build / "work" / language, new / language,
                        ignore=shutil.ignore_patterns(".buildinfo*"))
        for kind in editions:
            shutil.copy2(build / kind / f"{EDITIONS[language]}.{kind}", new / language)
    site_files.write(new, ROOT, url.rstrip("/"))


def main(languages, build=ROOT / "_build", url="", editions=()) -> None:
    """``publish``, whose troubles end in one line and exit code 1."""
    try:
        publish(languages, build, url, editions)
    except OSError as error:  # that of copying a tree lists a triple for each file
        first = error.args[0][0][2] if isinstance(error, shutil.Error) else error
        sys.exit(f"publish: {build / 'html'} is as it was: {first}")


if __name__ == "__main__":
    main(sys.argv[1:], url=os.environ.get("BOOK_URL", ""),
         editions=os.environ.get("BOOK_EDITIONS", "").split())
