"""Builds started anywhere, of sources that lie anywhere; kernels of any kind; nothing left."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Project, sphinx_build
from test_disks import read_only
from test_projects import BOTH, cell, panels

SHOW_FOLDER = cell("a", "import os; print('first of-a in', os.getcwd())") + cell("b", "print(1)")


def check(project, done, out):
    """The build is right, and nothing lies among the sources but what myst-nb puts beside `out`."""
    assert done.returncode == 0, done.stdout + done.stderr
    page = dict(panels((out / "index.html").read_text("utf-8")))["Tab A"]
    assert f"first of-a in {project.folder}" in page
    assert {path.name for path in project.folder.iterdir()} <= {
        "conf.py", "index.md", "kernels", "_build", "out", "jupyter_execute"}
    assert not list(project.folder.rglob("*ipc*"))


@pytest.mark.parametrize("start, source", [
    ("/", "absolute"), ("..", "project"), (".", "."), ("kernels", ".."), ("..", "./project/")])
def test_sphinx_starts_in_any_folder_with_any_spelling_of_the_source(project, start, source):
    project.write(SHOW_FOLDER)
    place = Path(os.path.normpath(project.folder / start))
    source = str(project.folder) if source == "absolute" else source
    out = project.folder / "out"
    done = sphinx_build(["-n", "-W", source, os.path.relpath(out, place)], place,
                        project.environment())
    check(project, done, out)


def test_conf_py_elsewhere_and_settings_without_conf_py(project):
    """`-c FOLDER`; and as jupyter-book calls Sphinx: no conf.py, each setting an override."""
    project.write(SHOW_FOLDER)
    conf = project.folder.parent / "conf"
    conf.mkdir()
    (project.folder / "conf.py").rename(conf / "conf.py")
    (project.folder / "kernels").rename(conf / "kernels")
    done = project.build("-c", "conf")
    assert done.returncode == 0, done.stderr
    (conf / "kernels").rename(project.folder / "kernels")
    settings = {"tabcells_tabs": {n: {"label": f"Tab {n.upper()}", "kernel": f"stub-{n}"}
                                  for n in "ab"},
                "extensions": ["tabcells"], "exclude_patterns": ["out*", "_build"]}
    code = ("import sys; from sphinx.application import Sphinx; source = sys.argv[1];"
            f"app = Sphinx(source, None, source + '/out2', source + '/out2/trees', 'html', "
            f"{settings!r}, warningiserror=True); app.build(); sys.exit(app.statuscode)")
    done = subprocess.run([sys.executable, "-c", code, project.folder], cwd="/", text=True,
                          capture_output=True, env=project.environment())
    assert done.returncode == 0, done.stderr
    assert f"first of-a in {project.folder}" in project.html("out2")


@pytest.mark.parametrize("length", [100, 200])
def test_a_folder_with_a_very_long_path(tmp_path, monkeypatch, length):
    """A socket's path holds some hundred bytes; here the temporary files lie so deep too."""
    folder = tmp_path / ("đường-dẫn-dài" * 20)[:length // 2] / ("x" * length) / "project"
    folder.mkdir(parents=True)
    project = Project(folder)
    project.write(SHOW_FOLDER)
    (folder.parent / "tmp").mkdir()
    done = project.build(TMPDIR=str(folder.parent / "tmp"))
    check(project, done, folder / "out")
    assert not list((folder.parent / "tmp").iterdir())


def test_a_read_only_source_folder_is_built_and_built_again(project):
    project.write(SHOW_FOLDER)
    with read_only(project.folder):
        for ran in (2, 0):
            done = sphinx_build(["-n", "-W", str(project.folder), "out"], project.folder.parent,
                                project.environment())
            check(project, done, project.folder.parent / "out")
            assert done.stdout.count("cell 1 of") == ran
            assert "the source folder is read-only: what runs is kept in" in done.stdout


#: Starts ipykernel, but as tslab does: it knows ports alone.
TCP_ALONE = """import json, os, sys
about = json.load(open(sys.argv[1]))
assert about["transport"] == "tcp", about
os.environ["SEEN"] = about["transport"]
os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", "-f", sys.argv[1]])
"""


def test_a_kernel_that_knows_ports_alone_gets_them_and_ipykernel_sockets(project):
    spec = project.folder / "kernels" / "stub-a"
    (spec / "start.py").write_text(TCP_ALONE)
    (spec / "kernel.json").write_text(json.dumps({
        "argv": [sys.executable, "{resource_dir}/start.py", "{connection_file}"],
        "display_name": "a", "language": "typescript"}))
    project.write(cell("a", "import os; print('by', os.environ['SEEN'])") + cell(
        "b", "import ipykernel, json; print(json.load(open("
             "ipykernel.get_connection_file()))['transport'])"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    page = dict(panels(project.html()))
    assert "by tcp" in page["Tab A"] and "\nipc\n" in page["Tab B"]


def test_a_relative_pythonpath_holds_for_kernels_too(project):
    """They start in the source folder, Sphinx somewhere else."""
    lib = project.folder.parent / "lib"
    lib.mkdir()
    (lib / "tiny_word.py").write_text("word = 'from the library'\n")
    project.write(cell("a", "from tiny_word import word; print(word)"))
    done = project.build(PYTHONPATH=f"lib{os.pathsep}{ROOT}")
    assert done.returncode == 0, done.stderr
    assert "from the library" in project.html()


def test_code_is_loaded_from_beside_the_page(project):
    (project.folder / "part").mkdir()
    (project.folder / "part" / "code.py").write_text("print('loaded', 'here')\n")
    project.write("```{toctree}\npart/page\n```\n\n" + BOTH)
    project.write(cell("a", "", ":load: code.py"), "part/page.md")
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert "loaded here" in (project.folder / "out" / "part" / "page.html").read_text("utf-8")


def test_the_book_itself_is_read_from_another_folder(tmp_path):
    """Only that conf.py finds the book's extensions, templates and kernels; nothing runs."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "dummy", "-D", "tabcells_execution=off",
         "-D", f"tabcells_cache={tmp_path}/cache", str(ROOT), tmp_path / "out"],
        cwd="/", capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stderr
