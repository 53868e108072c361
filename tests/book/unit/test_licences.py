"""One licence for text and figures, one for code, and the work that the chapter comes from.

What the built site, the downloads and the EPUB say: tests/book/test_credit.py.
"""
import re
import runpy
import subprocess

import nbformat
import pytest
from conftest import CHAPTER, PAGES, ROOT

from book.frameworks import Framework
from book.takealong.notebooks import notebook, script

SETTINGS = runpy.run_path(str(ROOT / "conf.py"))
TEXT, ADDRESS = SETTINGS["book_licences"]["text"]
#: Every way to name a Creative Commons licence: `CC BY-NC 4.0`, `.../licenses/by-sa/3.0/`, ...
NAMED = re.compile(r"\bCC(?:[ -]BY|0)\b[\w-]*(?: \d\.\d)?|creativecommons\.org/(?!ns#)[\w/.-]*|"
                   r"Creative\s+Commons\s+[\w-]+(?:\s+\d\.\d)?", re.I)
RIGHT = {TEXT, ADDRESS.partition("://")[2], ADDRESS.partition("://")[2] + "legalcode",
         "Creative Commons Attribution-ShareAlike 4.0"}
#: What else a file could be put under.
OTHER = re.compile(r"\b(Apache License|Apache-2|GPL|BSD|MPL|Unlicense|public domain)\b", re.I)
AUTHORS = ("Aston Zhang", "Zachary C. Lipton", "Mu Li", "Alexander J. Smola")
TELLING = [f"{CHAPTER}/auto-parallelism.md", f"{CHAPTER}/auto-parallelism.en.md",
            "colophon.md", "colophon.en.md", "LICENSE"]


def written():
    """Name and text of every file that git knows, but for tests and what others wrote."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split("\0")[:-1]
    for name in names:
        path = ROOT / name
        if path.suffix != ".png" and not {"vendor", "tests"} & set(path.parts):
            yield name, path.read_text("utf-8")


def wrong(text):
    """Licences that ``text`` names and that are not the book's."""
    found = [" ".join(match.group().split()).rstrip(".") for match in NAMED.finditer(text)]
    return [name for name in found if name not in RIGHT] + OTHER.findall(text)


@pytest.mark.parametrize("text", [
    "CC BY 4.0", "CC BY-NC-SA 4.0", "CC BY-SA 3.0", "CC-BY-SA", "CC0 1.0", "the GPL",
    "https://creativecommons.org/licenses/by/4.0/legalcode", "Apache-2.0",
    "http://creativecommons.org/publicdomain/zero/1.0/",
    "Creative Commons Attribution\n4.0 International"])
def test_another_licence_would_be_seen(text):
    assert wrong(text) and not wrong(f"{TEXT} ({ADDRESS})")


def test_no_file_names_another_licence():
    assert TEXT == "CC BY-SA 4.0" and SETTINGS["book_licences"]["code"][0] == "MIT"
    assert {name: wrong(text) for name, text in written() if wrong(text)} == {}


@pytest.mark.parametrize("name", [*TELLING, "README.md"])
def test_the_work_its_authors_and_both_licences_are_named(name):
    text = (ROOT / name).read_text("utf-8")
    # The README has both languages in one file.
    for part in text.split("## Tiếng Việt") if name == "README.md" else [text]:
        told = " ".join(part.split())
        for words in ("Dive into Deep Learning", *AUTHORS, TEXT, ADDRESS, "MIT"):
            assert words in told, (name, words)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("suffix", [".md", ".en.md"])
def test_each_page_of_the_chapter_cites_the_book(page, suffix):
    text = (ROOT / CHAPTER / f"{page}{suffix}").read_text("utf-8")
    assert "*Dive into Deep Learning*" in text and "{cite:p}`Zhang.Lipton.Li.ea.2023`" in text
    assert "sec_auto_para_origin" in text


def test_the_references_have_the_book():
    entry = re.search(r"@book\{Zhang\.Lipton\.Li\.ea\.2023,.*?\}\}",
                      (ROOT / "references.bib").read_text("utf-8"), re.S).group()
    for words in ("Dive into Deep Learning", "https://d2l.ai", "2023",
                  *(name.split()[-1] + "," for name in AUTHORS)):
        assert words in entry


def test_the_card_names_its_licence():
    held = (ROOT / "img" / "card.png").read_bytes()
    assert f"Copyright\0{TEXT} ({ADDRESS})".encode("latin-1") in held


def test_a_notebook_and_its_script_end_with_the_licences(tmp_path):
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "a").mkdir()
    (tmp_path / "kernels" / "a" / "kernel.json").write_text("{}")
    a = Framework("a", order=1, label="A", kernel="a", module="nbformat", versions=(),
                  python=("3.9", "3.99"), pinned=("nbformat",), gpus="[]")
    (tmp_path / "requirements.txt").write_text("nbformat==1\n")
    cells = [nbformat.v4.new_code_cell("1")]
    made = notebook(tmp_path, a, cells, [("markdown", "# T")], "en", f"Text: {TEXT}.")
    assert made.cells[-1].source == f"Text: {TEXT}." and made.cells[-1].cell_type == "markdown"
    assert script(made, "en", a, "page").endswith(f"# Text: {TEXT}.\n")
    assert notebook(tmp_path, a, cells, [], "en").cells[-1].source == "1"
