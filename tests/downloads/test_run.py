"""Run what readers take along, as they would: a fresh environment, another folder.

One environment for each framework.  What runs in it first installs what it needs, once a
script and once a notebook.  Minutes, and the frameworks' own downloads: this comes last.
"""
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from conftest import PAGES

from evidence import words

#: By framework: the language of the files, and which form comes first.
FIRST = {"mxnet": ("vi", ["py", "ipynb"]), "pytorch": ("en", ["ipynb", "py"])}
RUNS = [(framework, language, f"{page}.{framework}.{form}")
        for framework, (language, forms) in FIRST.items()
        for page in PAGES for form in forms]


def run(*command, folder, limit=600):
    """A command as a reader's shell runs it: nothing of this project in its environment."""
    environ = {name: value for name, value in os.environ.items() if not re.match(
        "PYTHON|VIRTUAL_ENV|JUPYTER|IPYTHON|BOOK|EVIDENCE|MXNET|OMP", name)}
    done = subprocess.run([*map(str, command)], cwd=folder, env=environ, capture_output=True,
                          text=True, timeout=limit, check=False)
    assert done.returncode == 0, (f"{' '.join(map(str, command))} failed in a fresh "
                                  f"environment:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """``reader(framework)``: the folder of an environment with Jupyter's client alone."""
    made = {}

    def environment(framework):
        if framework not in made:
            folder = tmp_path_factory.mktemp(framework) / "env"
            run(sys.executable, "-m", "venv", folder, folder=folder.parent)
            run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "nbclient",
                "ipykernel", folder=folder.parent)
            known = run(folder / "bin" / "python", "-m", "pip", "list", folder=folder.parent)
            assert not re.search("(?m)^(mxnet|torch|d2l|matplotlib) ", known)
            made[framework] = folder
        return made[framework]

    yield environment
    for folder in made.values():
        shutil.rmtree(folder, ignore_errors=True)


def execute(environment, file):
    """A file's code, the lines of text that a reader sees of its results, and their HTML."""
    if file.suffix == ".py":
        printed = run(environment / "bin" / "python", file, folder=file.parent.parent)
        return file.read_text("utf-8"), printed.replace("*", "").split("\n"), ""
    done = file.with_name("done.ipynb")
    run(environment / "bin" / "jupyter-execute", file, f"--output={done.stem}",
        "--timeout=600", folder=file.parent)
    cells = [cell for cell in json.loads(done.read_text("utf-8"))["cells"]
             if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    html = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    lines = "".join("".join(output.get("text", "")) for output in outputs).split("\n")
    lines += [node.get_text() for node in BeautifulSoup(html, "html.parser").select("p, th")]
    return "\n".join("".join(cell["source"]) for cell in cells), lines, html


def sentences(language):
    """What the book says of numbers, each as a pattern of its whole line."""
    return [re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(pattern.replace("*", ""))))
            for pattern in words.SENTENCES[language].values()]


@pytest.mark.parametrize("framework, language, name", RUNS, ids=[name for *_, name in RUNS])
def test_a_download_runs_where_a_reader_opens_it(site, reader, tmp_path, framework, language, name):
    (tmp_path / "downloads").mkdir()
    file = tmp_path / "downloads" / name
    shutil.copy(site / language / "notebooks" / name, file)
    code, lines, html = execute(reader(framework), file)
    text = "\n".join(lines)
    version = {"mxnet": "mxnet 1.9.1", "pytorch": "torch 2.13.0"}[framework]
    assert re.search(rf"Python 3\.\d+\.\d+; {version}", text), f"no word of the setup:\n{text}"
    asked = len(re.findall(r"(?m)^ *(?:display\()?(?:pair|versus|curve|bound|timeline)\('", code))
    shown = sum(any(says.fullmatch(line) for says in sentences(language)) for line in lines)
    assert asked <= shown, f"{asked} measurements, {shown} sentences:\n{text[-3000:]}"
    assert "'kind':" not in text, "evidence is printed as a dict"
    median = words.label("median", language)
    if not asked:
        assert "sec" in text, "no word of a d2l.Benchmark"
    elif file.suffix == ".ipynb":
        assert html.count("<svg") >= asked and median in lines, "no plots, or no tables"
    else:
        assert f"| | {median} |" in text, "no table of a measurement"
