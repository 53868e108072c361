"""What a run of a tab has read is observed: when such a file changes, the tab runs again."""
import importlib.util
import json
from types import SimpleNamespace

import nbformat
import pytest
from test_projects import cell, panels

from tabcells.run import observe


def make(project, *options, **environment):
    """Build; the tabs that ran, and the text of the page's panels."""
    before = len(project.runs())
    done = project.build(*options, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return SimpleNamespace(ran=[run["tab"] for run in project.runs()[before:]],
                           text=" ".join(text for _, text in panels(project.html())))


def observed(project):
    """The files on record, of all records: path -> digest."""
    files = {}
    for record in (project.folder / "_build/tabcells/records").glob("*.ipynb"):
        files |= nbformat.read(record, 4).metadata.tabcells.files
    return files


WAYS = {
    "run.py": "%run run.py",
    "named.py": "import importlib\nimportlib.import_module('named')",
    "executed.py": "exec(open('executed.py').read())",
    "plain/deep.py": "import sys\nsys.path.insert(0, 'plain')\nimport deep",
    "path.txt": "import pathlib\nprint(pathlib.Path('path.txt').resolve().read_text())",
    "bytes.txt": "import os\nprint(os.read(os.open(b'bytes.txt', os.O_RDONLY), 99))",
    "array.txt": "import numpy\nprint(numpy.loadtxt('array.txt', dtype=str))",
    "frame.csv": "import pandas\nprint(pandas.read_csv('frame.csv', header=None))",
    "base.db": "import sqlite3\nsqlite3.connect('base.db').close()",
    "by uri.db": "sqlite3.connect('file:by%20uri.db?mode=ro', uri=True).close()",
    "library.so": "import ctypes\ntry: ctypes.CDLL('./library.so')\n"
                  "except OSError: print('content')",
}


def test_every_way_in_which_python_reads_is_seen(project):
    if not importlib.util.find_spec("pandas"):
        del WAYS["frame.csv"]
    (project.folder / "plain").mkdir()
    for name in WAYS:
        (project.folder / name).write_text("" if name.endswith(".db") else "print('content')\n")
    project.write("".join(cell("a", code) for code in WAYS.values()))
    assert make(project).text.count("content") >= len(WAYS) - 2
    assert set(observed(project)) == set(WAYS)


@pytest.mark.parametrize("name, code", [
    ("helper.py", "%run helper.py"), ("data.txt", "print(open('data.txt').read())")])
def test_a_file_that_was_read_runs_its_tab_again_when_it_changes(project, name, code):
    file = project.folder / name
    file.write_text("print('first')\n")
    project.write(cell("a", code) + cell("b", "print('b')"))
    assert "first" in make(project).text
    assert make(project).ran == []
    file.write_text("print('second')\n")
    again = make(project)
    assert again.ran == ["a"]
    assert "second" in again.text and "first" not in again.text


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_module_that_python_has_compiled_before_is_seen_by_its_source(project, elsewhere):
    compiled = project.folder.parent / "compiled"
    environment = {"PYTHONDONTWRITEBYTECODE": "",
                   "PYTHONPYCACHEPREFIX": str(compiled) if elsewhere else ""}
    (project.folder / "helper.py").write_text("print('first')\n")
    project.write(cell("a", "__import__('helper')") + cell("b", "__import__('helper')"))
    make(project, **environment)  # b's kernel reads what a's has compiled
    assert list((compiled if elsewhere else project.folder).rglob("helper.*.pyc"))
    assert set(observed(project)) == {"helper.py"}
    (project.folder / "helper.py").write_text("print('second')\n")
    assert make(project, **environment).ran == ["a", "b"]


def test_what_the_cells_write_is_no_input_and_what_is_gone_is_a_change(project):
    (project.folder / "read.txt").write_text("read")
    (project.folder / "counter.txt").write_text("1")
    project.write(cell("a", """
with open("written.txt", "w") as file: file.write("new")
print(open("written.txt").read(), open("read.txt").read())
count = int(open("counter.txt").read()) + 1
with open("counter.txt", "w") as file: file.write(str(count))
try: print(open("absent.txt").read())
except OSError: print("nothing there")
with open("_build/kept.txt", "w") as file: pass
open("_build/tabcells/executions.jsonl", "a").close()
print(len(open("_build/kept.txt").read()))"""))
    make(project)
    assert set(observed(project)) == {"read.txt", "counter.txt", "absent.txt"}
    (project.folder / "written.txt").unlink()
    assert make(project).ran == []
    (project.folder / "absent.txt").write_text("something")
    assert "something" in make(project).text
    (project.folder / "counter.txt").write_text("7")
    assert make(project).ran == ["a"]
    (project.folder / "read.txt").unlink()
    failed = project.build()
    assert failed.returncode == 2 and "read.txt" in failed.stderr


def test_without_execution_outputs_of_another_file_are_marked(project):
    with (project.folder / "conf.py").open("a") as conf:
        conf.write('tabcells_provenance = "STATE {state}"\n')
    (project.folder / "data.txt").write_text("first")
    project.write(cell("a", "print(open('data.txt').read())"))
    make(project)
    assert "nothing that determines" in make(project, "-Dtabcells_execution=off").text
    (project.folder / "data.txt").write_text("second")
    off = make(project, "-Dtabcells_execution=off")
    assert off.ran == [] and "first" in off.text and "with other packages" in off.text
    assert "second" in make(project).text


def test_a_file_that_somebody_changes_meanwhile_runs_the_tab_again(project):
    (project.folder / "data.txt").write_text("first")
    project.write(cell("a", "print(open('data.txt').read())\n"
                            "!echo second > data.txt\n"
                            "!echo 1 > of-a-process.txt\n"
                            "print(open('of-a-process.txt').read())\n"
                            "!echo 22 > of-a-process.txt"))
    assert "first" in make(project).text
    files = observed(project)
    assert files["data.txt"] == "changed" and len(files["of-a-process.txt"]) == 64
    assert "second" in make(project).text


async def _nothing(*_):
    """In the place of a beginning."""


def test_cells_see_nothing_of_it(project, monkeypatch):
    project.write(cell("a", "print(sorted(globals()))\nprint(len(In), Out, _, __, _i)")
                  + cell("a", "%who") + cell("a", "print(sorted(globals()), len(In), Out, _i)"))
    seen = make(project).text
    monkeypatch.setattr(observe.Observer, "begin", _nothing)
    blind_text = make(project, "-Dtabcells_execution=force").text
    assert observed(project) == {}
    assert seen == blind_text and "get_ipython" in seen


def test_a_kernel_that_does_not_tell_what_it_read_runs_at_each_build(project):
    project.write(cell("a", "import sys\ndel sys.modules['_tabcells_reads']\nprint('ran')"))
    assert make(project).ran == ["a"] and "ran" in make(project).text
    assert make(project).ran == ["a"]


def test_a_record_from_before_files_were_observed_is_made_again(project):
    project.write(cell("a", "print('ran')"))
    make(project)
    record, = (project.folder / "_build/tabcells/records").iterdir()
    content = json.loads(record.read_text())
    del content["metadata"]["tabcells"]["files"]
    record.write_text(json.dumps(content))
    assert make(project, "-Dtabcells_execution=off").ran == []
    assert make(project).ran == ["a"]


FILES = "file_format: mystnb\ntabcells: {files: ['data/**/*.csv', ../outside.txt]}"


def test_files_that_the_front_matter_names_run_all_tabs_of_the_page(project):
    (project.folder / "data" / "deep").mkdir(parents=True)
    (project.folder / "data" / "deep" / "one.csv").write_text("1")
    (project.folder.parent / "outside.txt").write_text("1")
    project.write(cell("a", "1") + cell("b", "2"), front=FILES)
    assert make(project).ran == ["a", "b"]
    assert make(project).ran == []
    (project.folder / "data" / "two.csv").write_text("2")
    assert make(project).ran == ["a", "b"]
    (project.folder / "data" / "two.txt").write_text("2")
    assert make(project).ran == []
    (project.folder / "data" / "two.csv").unlink()
    assert make(project).ran == []  # as before: the record is still there
    (project.folder.parent / "outside.txt").write_text("2")
    assert make(project).ran == ["a", "b"]
    (project.folder.parent / "outside.txt").unlink()
    assert make(project, "-Dtabcells_execution=off").ran == []
    failed = project.build()
    assert failed.returncode == 2
    assert failed.stderr.count("index.md:1: no file matches '../outside.txt' of files in the "
                               "front matter") == 1


@pytest.mark.parametrize("files", ["data.csv", "[1]", "{a: b}", "['']"])
def test_files_of_the_front_matter_are_a_list_of_patterns(project, files):
    project.write(cell("a", "1"), front=f"file_format: mystnb\ntabcells: {{files: {files}}}")
    failed = project.build()
    assert failed.returncode == 2
    assert "index.md:1: files in the front matter is" in failed.stderr
    assert project.runs() == []
