"""What runs when something changes, as the execution log tells it; two stub kernels."""
import itertools
import json
import os
import shutil
import sys
import time
from types import SimpleNamespace

import pytest
from conftest import Project, until
from test_projects import BOTH, cell, panels

from tabcells import sphinx_ext
from tabcells.run import store

CONF = """
import os
suffix = ".en.md" if os.environ.get("BOOK_LANGUAGE") == "en" else ".md"
source_suffix = {suffix: "myst-nb"}
include_patterns = ["index" + suffix]
tabcells_provenance = "PROVENANCE {state} GPU: {gpus}."
tabcells_missing = "No outputs are on record."
"""
KEPT = "Kept from an earlier run; nothing"
OTHER = "Kept from an earlier run of this code"


@pytest.fixture
def book(project):
    """A page in two languages, each a build of its own."""
    (project.folder / "conf.py").write_text((project.folder / "conf.py").read_text() + CONF)
    pages(project, BOTH)
    return project


def pages(project, body, vi="Lời văn.\n\n", en="Prose.\n\n"):
    project.write(vi + body)
    project.write(en + body, "index.en.md")


BOTH_LANGUAGES = ("vi", "en")
_numbers = itertools.count()


def make(project, *options, build=None, languages=("vi",), **env):
    """As `make html`.  Returns the tabs that ran, in order, and what was printed."""
    before, text, build = len(project.runs()), "", build or f"make-{next(_numbers)}"
    for language in languages:
        done = project.build(*options, doctrees=f"out-trees-{language}", out=f"out-{language}",
                             BOOK_LANGUAGE=language, TABCELLS_BUILD=build, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        text += done.stdout + done.stderr
    return SimpleNamespace(ran=[run["tab"] for run in project.runs()[before:]], text=text)


def shown(project, language="vi"):
    """{label: text of its panels} of the page in one language."""
    texts = {}
    for label, text in panels(project.html(f"out-{language}")):
        texts[label] = texts.get(label, "") + text
    return texts


def edit(file, old, new):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_prose_labels_and_translations_run_nothing_and_the_log_is_whole(book):
    assert make(book, languages=BOTH_LANGUAGES).ran == ["a", "b"]
    run = book.runs()[0]
    assert (run["docname"], run["kernel"], run["cells"], run["ok"]) == ("index", "stub-a", 1, True)
    assert run["seconds"] > 0 and run["started"] > 1e9 and len(run["key"]) == 65
    assert make(book).ran == []
    pages(book, BOTH, vi="Lời văn khác.\n\n")
    assert make(book).ran == [] and "Lời văn khác." in book.html("out-vi")
    pages(book, BOTH, en="## A section more\n\nOther prose.\n\n")
    assert make(book, languages=("en",)).ran == [] and "A section more" in book.html("out-en")
    edit(book.folder / "conf.py", '"Tab " +', '"Kernel " +')
    edit(book.folder / "kernels" / "stub-a" / "kernel.json", '"display_name": "a"',
         '"display_name": "Kernel A"')
    assert make(book).ran == [] and "Kernel A" in shown(book)
    pages(book, BOTH + "## After\n\nText.\n")
    assert make(book).ran == []


def test_a_cell_runs_its_tab_alone_for_both_languages(book):
    make(book, languages=BOTH_LANGUAGES)
    pages(book, BOTH.replace("'of-b'", "'new-b'"))
    assert make(book, languages=BOTH_LANGUAGES).ran == ["b"]
    for language in ("vi", "en"):
        assert "first new-b" in shown(book, language)["Tab B"]
        assert "first of-a" in shown(book, language)["Tab A"]


def test_a_variable_or_a_file_of_a_kernel_runs_its_tab_alone(book):
    make(book)
    edit(book.folder / "kernels" / "stub-b" / "kernel.json", "environment of b", "another value")
    assert make(book).ran == ["b"]
    (book.folder / "kernels" / "stub-a" / "startup.py").write_text("x = 1\n")
    assert make(book).ran == ["a"]


def distribution(folder, name, version, requires=()):
    """Install ``name`` in ``folder``, as pip would: a module and its dist-info."""
    (folder / f"{name}.py").write_text(f"version = {version!r}\n")
    info = folder / f"{name}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + "".join(f"Requires-Dist: {other}\n" for other in requires))
    (info / "RECORD").write_text(f"{name}.py,,\n{name}.dist-info/METADATA,,\n")


@pytest.fixture
def packaged(book):
    """Kernel a, and it alone, has three packages: its cell imports one, that needs another."""
    lib = book.folder / "lib"
    lib.mkdir()
    distribution(lib, "tiny_top", "1.0", ["tiny-deep>=1", "tiny-extra; extra == 'more'"])
    for name in ("tiny_deep", "tiny_other", "tiny_extra"):
        distribution(lib, name, "1.0")
    edit(book.folder / "kernels" / "stub-a" / "kernel.json", '"STUB"',
         f'"PYTHONPATH": "{lib}", "STUB"')
    pages(book, cell("a", "import tiny_top, os; print(tiny_top.version)") + cell("b", "print(1)"))
    assert make(book).ran == ["a", "b"]
    return book


def test_the_version_of_a_package_runs_what_imports_it(packaged):
    lib = packaged.folder / "lib"
    distribution(lib, "tiny_top", "2.0", ["tiny-deep>=1"])
    assert make(packaged).ran == ["a"] and "2.0" in shown(packaged)["Tab A"]
    distribution(lib, "tiny_deep", "2.0")
    assert make(packaged).ran == ["a"]
    distribution(lib, "tiny_other", "2.0")
    distribution(lib, "tiny_extra", "2.0")
    assert make(packaged).ran == []
    edit(packaged.folder / "conf.py", '"kernel": "stub-" + n',
         '"kernel": "stub-" + n, "packages": ["tiny-other"]')
    assert make(packaged).ran == ["a"]  # told to count it; kernel b does not have it


def test_a_helper_runs_the_tab_that_imports_it(book):
    package = book.folder / "helpers"
    package.mkdir()
    (package / "__init__.py").write_text("from .inner import word\n")
    (package / "inner.py").write_text("word = 'one'\n")
    pages(book, cell("a", "from helpers import word; print(word)") + cell("b", "print(1)"))
    assert make(book).ran == ["a", "b"]
    # Of another length: Python takes what it compiled in this second from a file of this length.
    (package / "inner.py").write_text("word = 'another'\n")
    assert make(book).ran == ["a"] and "another" in shown(book)["Tab A"]


def test_a_file_that_a_cell_loads_runs_its_tab(book):
    pages(book, cell("a", "", ":load: part.py"))
    for word in ("one", "two"):
        (book.folder / "part.py").write_text(f"print({word!r})\n")
        assert make(book).ran == ["a"] and word in shown(book)["Tab A"]
        assert make(book).ran == []  # from now on nothing but the file makes the page another


def test_an_unchanged_page_is_not_split_again(book, monkeypatch):
    make(book)
    make(book)  # its numbers are from an earlier build now
    monkeypatch.setattr(sphinx_ext, "split", lambda *_: pytest.fail("it was split"))
    assert "0 added, 0 changed" in make(book).text


def stub_gpu(project, name):
    """A PATH whose `nvidia-smi` lists one GPU."""
    folder = project.folder / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "nvidia-smi").write_text(f"#!/bin/sh\necho '{name}'\n")
    (folder / "nvidia-smi").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_another_class_of_hardware_runs_everything_and_each_keeps_its_record(book):
    make(book)
    path = stub_gpu(book, "Stub GPU 1")
    assert make(book, PATH=path).ran == ["a", "b"]
    assert "GPU: Stub GPU 1." in shown(book)["Tab A"]
    assert make(book, PATH=path).ran == []
    assert make(book).ran == [] and "GPU: none." in shown(book)["Tab A"]
    assert make(book, PATH=path, CUDA_VISIBLE_DEVICES="").ran == []  # none usable: as without


def test_numbers_are_from_this_build_or_kept_in_both_languages(book):
    for words in ("Measured in this build.", KEPT):
        make(book, languages=BOTH_LANGUAGES)
        assert all(words in shown(book, language)["Tab B"] for language in BOTH_LANGUAGES)
    assert len(book.runs()) == 2
    assert "0 added, 0 changed" in make(book).text  # from now on the page stays as it is


def test_fresh_runs_all_once_for_both_languages(book):
    make(book, languages=BOTH_LANGUAGES)
    force = {"build": "one make", "languages": BOTH_LANGUAGES}
    assert make(book, "-D", "tabcells_execution=force", **force).ran == ["a", "b"]
    assert "Measured in this build." in shown(book, "en")["Tab A"]
    assert make(book, "-D", "tabcells_execution=force").ran == ["a", "b"]
    assert make(book).ran == []


def test_execute_runs_and_renders_nothing(book):
    done = book.build(builder="execute", out="out-x", BOOK_LANGUAGE="vi")
    assert done.returncode == 0, done.stderr
    assert [run["tab"] for run in book.runs()] == ["a", "b"]
    assert not list(book.folder.rglob("*.html"))
    assert make(book).ran == [] and KEPT in shown(book)["Tab A"]
    pages(book, cell("a", "1/0"))
    done = book.build(builder="execute", out="out-x", BOOK_LANGUAGE="vi")
    assert done.returncode == 2 and "ZeroDivisionError" in done.stderr
    assert book.runs()[-1]["ok"] is False


def test_without_execution_pages_show_what_is_on_record_and_mark_the_rest(packaged):
    off = ("-D", "tabcells_execution=off")
    shutil.rmtree(packaged.folder / "lib")  # the machine that renders has no such package
    page = make(packaged, *off)
    assert page.ran == []
    assert "1.0" in shown(packaged)["Tab A"] and OTHER in shown(packaged)["Tab A"]
    assert KEPT in shown(packaged)["Tab B"]
    pages(packaged, cell("a", "import tiny_top; print('code', 'unseen')") + cell("b", "print(1)"))
    page = make(packaged, *off)
    assert page.ran == [] and "index.md: [a] no record" in page.text
    texts = shown(packaged)
    assert texts["Tab A"].count("No outputs are on record.") == 2  # under the cell, at the end
    assert "'unseen'" in texts["Tab A"] and "code unseen" not in texts["Tab A"]
    assert "No outputs" not in texts["Tab B"]
    shutil.rmtree(packaged.folder / "kernels" / "stub-b")
    assert make(packaged, *off).ran == [] and OTHER in shown(packaged)["Tab B"]


def test_of_several_records_the_newest_is_shown_where_none_is_this_machines(book):
    make(book, PATH=stub_gpu(book, "Old GPU"))
    make(book, PATH=stub_gpu(book, "New GPU"))
    assert make(book, "-D", "tabcells_execution=off").ran == []
    assert "GPU: New GPU." in shown(book)["Tab A"] and OTHER in shown(book)["Tab A"]


def test_two_builds_at_once_are_both_right_and_run_each_cell_once(book):
    book.write(cell("a", "import os, time\nwhile not os.path.exists('go'): time.sleep(.1)\n"
                         "print('waited')") + cell("b", "print('of-b')"))
    builds = [book.start(doctrees=f"out-trees-{i}", out=f"out-{i}") for i in (1, 2)]
    until(lambda: any("waiting for another build" in build.log.read_text() for build in builds))
    (book.folder / "go").touch()
    assert [build.wait(120) for build in builds] == [0, 0]
    assert sorted(run["tab"] for run in book.runs()) == ["a", "b"]
    for i in (1, 2):
        assert "waited" in shown(book, i)["Tab A"] and "of-b" in shown(book, i)["Tab B"]


def record_of(project, tab):
    key = [run["key"] for run in project.runs() if run["tab"] == tab][-1]
    return project.folder / "_build" / "tabcells" / "records" / f"{key}.ipynb"


def truncated(file, other):
    file.write_bytes(file.read_bytes()[:-200])


def emptied(file, other):
    file.write_text("")


def foreign(file, other):
    file.write_bytes(other.read_bytes())


def without_provenance(file, other):
    content = json.loads(file.read_text())
    del content["metadata"]["tabcells"]["versions"]
    file.write_text(json.dumps(content))


def malformed(file, other):
    content = json.loads(file.read_text())
    content["cells"][0]["outputs"] = [{"output_type": "stream"}]
    file.write_text(json.dumps(content))


@pytest.mark.parametrize("spoil", [truncated, emptied, foreign, without_provenance,
                                   malformed])
def test_a_record_that_is_not_whole_is_told_and_made_again(book, spoil):
    make(book)
    spoil(record_of(book, "a"), record_of(book, "b"))
    again = make(book)
    assert again.ran == ["a"] and "warning: the record" in again.text
    assert "first of-a" in shown(book)["Tab A"] and "first of-b" in shown(book)["Tab B"]
    last = make(book)
    assert last.ran == [] and "warning:" not in last.text


def test_a_cache_copied_to_a_clone_elsewhere_runs_nothing(packaged, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere") / "clone"
    shutil.copytree(packaged.folder, folder, ignore=shutil.ignore_patterns("out*"))
    edit(folder / "kernels" / "stub-a" / "kernel.json", str(packaged.folder), str(folder))
    clone = Project.__new__(Project)
    clone.folder = folder
    assert not [file for file in (folder / "_build").rglob("*") if file.is_file()
                and str(packaged.folder).encode() in file.read_bytes()]
    assert make(clone).ran == [] and KEPT in shown(clone)["Tab A"]


def test_another_interpreters_kernel_is_asked_for_its_own_packages(book):
    """A kernelspec that names an interpreter; here a script that adds a package to this one's."""
    lib = book.folder / "lib"
    lib.mkdir()
    distribution(lib, "tiny_top", "1.0")
    python = book.folder / "python3.11"
    python.write_text(f"#!/bin/sh\nPYTHONPATH='{lib}' exec {sys.executable} \"$@\"\n")
    python.chmod(0o755)
    edit(book.folder / "kernels" / "stub-a" / "kernel.json", '["python",', f'["{python}",')
    pages(book, cell("a", "import tiny_top; print(tiny_top.version)") + cell("b", "print(1)"))
    assert make(book).ran == ["a", "b"]
    distribution(lib, "tiny_top", "3.0")
    assert make(book).ran == ["a"] and "3.0" in shown(book)["Tab A"]
    python.write_text("#!/bin/sh\necho 'no such library' >&2; exit 1\n")
    done = book.build(out="out-vi")
    assert done.returncode == 2 and "does not answer: no such library" in done.stderr


def test_a_record_that_is_gone_is_made_again(book):
    make(book)
    record_of(book, "a").unlink()
    again = make(book)
    assert again.ran == ["a"] and "warning:" not in again.text


def test_what_is_used_is_marked_as_used_once_a_day(book):
    """Where records must go, those unused longest go first."""
    make(book)
    records = [record_of(book, tab) for tab in "ab"]
    for record in records:
        os.utime(record, (0, 0))
    assert make(book).ran == []
    today = [record.stat().st_mtime for record in records]
    assert min(today) > time.time() - 3600
    make(book)
    assert [record.stat().st_mtime for record in records] == today


def test_of_too_many_records_those_unused_longest_go(book, monkeypatch):
    make(book)
    folder = record_of(book, "a").parent
    stale = [folder / name for name in ("old.ipynb", "a.new-1-1")]  # a killed build's half
    for file in stale:
        file.write_text("")
        os.utime(file, (0, 0))
    monkeypatch.setattr(store, "LIMIT", 2)
    (folder / "newer.ipynb").write_text("")
    record_of(book, "b").unlink()
    make(book)
    assert not any(file.exists() for file in stale)
    assert len(list(folder.iterdir())) == 2 and record_of(book, "b").exists()
