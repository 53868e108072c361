"""Put the languages just built into `_build/html` in one move; keep the others there.

Usage: publish.py LANGUAGE [LANGUAGE ...]   (BOOK_URL: where the site will be, if known)
"""
import os
import shutil
import sys
from pathlib import Path

import site_files

ROOT = Path(__file__).resolve().parent.parent


def publish(languages, build=ROOT / "_build", url=""):
    """Swap in a new site: a failure on the way leaves the old one as it was.

    :param url: the site's address; without it there is no sitemap, and links are relative
    """
    site, new, old = build / "html", build / "html.new", build / "html.old"
    shutil.rmtree(new, ignore_errors=True)
    if not site.exists() and old.exists():  # interrupted between the two moves
        old.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        shutil.copytree(site, new)
    for language in languages:
        shutil.rmtree(new / language, ignore_errors=True)
        shutil.copytree(build / "work" / language, new / language,
                        ignore=shutil.ignore_patterns(".buildinfo*"))
    site_files.write(new, ROOT, url.rstrip("/"))
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    publish(sys.argv[1:], url=os.environ.get("BOOK_URL", ""))
