"""The built book as one file per language: `_build/pdf/*.pdf`, `_build/epub/*.epub`.

Usage: python -m tools.editions pdf|epub LANGUAGE [LANGUAGE ...]

Both read the doctrees that `make html` left, so nothing is executed again.  A file appears
when it is whole; a failure leaves the last good one.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

from book.shell import EDITIONS

from . import chromium
from .onepage import one_page

ROOT = Path(__file__).resolve().parent.parent
PAPER = ("-D", "html_theme=paper", "-D", "html_theme_path=_themes")


def build(builder, language, out, *options) -> None:
    """Write the book with a builder of Sphinx into the folder ``out``, strictly.

    :raises SystemExit: Sphinx failed, or warned
    """
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, "-n", "-W", "--keep-going",
               "-d", f"_build/doctrees/{language}", "-D", f"language={language}",
               "-D", "templates_path=",  # those are for the site's theme
               *options, ".", str(out)]
    done = subprocess.run(command, cwd=ROOT, check=False,
                          env={**os.environ, "BOOK_LANGUAGE": language, "NO_COLOR": "1"})
    if done.returncode:
        sys.exit(f"the {builder} build of '{language}' failed (see above)")


def print_page(html, pdf) -> None:
    """Print ``html`` until the table of contents tells the pages where things stand.

    Each print tells them, and numbers that are written down may move things.  The page is
    loaded anew for each: Chromium breaks pages differently when it prints one again.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(color_scheme="light")
        look = {"prefer_css_page_size": True, "print_background": True, "tagged": True,
                "outline": True, "path": str(pdf)}
        printed: dict = {}
        for _ in range(5):
            page.goto(html.as_uri())
            page.evaluate(SHOW_PAGES, printed)
            page.pdf(**look)
            if (numbers := page_numbers(pdf)) == printed:
                break
            printed = numbers
        else:
            sys.exit(f"make pdf: the page numbers of {pdf.name} do not settle")
        browser.close()


SHOW_PAGES = """pages => document.querySelectorAll('.contents a').forEach(link => {
  const number = document.createElement('span');
  number.textContent = pages[decodeURIComponent(link.hash.slice(1))] ?? '';
  link.append(number);
})"""


def page_numbers(pdf) -> dict[str, int]:
    """``{id: page}`` of every place in a PDF that is linked to, the first page being 1."""
    from pypdf import PdfReader

    reader = PdfReader(pdf)
    return {name.lstrip("/"): reader.get_destination_page_number(place) + 1
            for name, place in reader.named_destinations.items()}


def make_pdf(language) -> Path:
    """Write a language's PDF; returns its path."""
    work = ROOT / "_build" / "paper" / language
    build("singlehtml", language, work, *PAPER)
    page = work / "index.html"
    page.write_text(one_page(page.read_text("utf-8")), "utf-8")
    print_page(page, work / "book.pdf")
    return _publish(work / "book.pdf", "pdf", language)


def make_epub(language) -> Path:
    """Write a language's EPUB; returns its path."""
    work = ROOT / "_build" / "ebook" / language
    build("epub", language, work, "-D", "epub_basename=book")
    return _publish(work / "book.epub", "epub", language)


def _publish(file, kind, language) -> Path:
    """Move a finished file to its place in one step."""
    target = ROOT / "_build" / kind / f"{EDITIONS[language]}.{kind}"
    target.parent.mkdir(parents=True, exist_ok=True)
    return file.replace(target)


def main(kind, *languages) -> None:
    if kind == "pdf" and chromium.find() is None:
        sys.exit("make pdf: needs Chromium, which prints it; see `make browser`")
    for language in languages:
        file = {"pdf": make_pdf, "epub": make_epub}[kind](language)
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
