"""The extension as a package of its own: its wheel, and a project that has nothing but it."""
import ast
import email
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions

import pytest
from conftest import ROOT
from docstring import blocks

FILES = subprocess.run(["git", "ls-files", "-z", "tabcells"], cwd=ROOT, capture_output=True,
                       text=True, check=True).stdout.split("\0")[:-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from what git knows, without a network."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in [*FILES, "pyproject.toml", "LICENSE"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index",
                    "--no-build-isolation", "-w", out, source], check=True, timeout=120)
    return next(out.glob("tabcells-*.whl"))


def test_the_wheel_holds_the_extension_and_nothing_else(wheel):
    held = zipfile.ZipFile(wheel).namelist()
    assert {name for name in held if ".dist-info/" not in name} == set(FILES)
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_what_it_imports_is_what_it_requires(wheel):
    with zipfile.ZipFile(wheel) as opened:
        name = next(name for name in opened.namelist() if name.endswith("METADATA"))
        head = email.message_from_string(opened.read(name).decode())
    required = {re.match(r"[\w-]+", line)[0].lower() for line in head.get_all("Requires-Dist")}
    distributions, imported = packages_distributions(), set()
    for file in FILES:
        for node in ast.walk(ast.parse((ROOT / file).read_text())) if file.endswith(".py") else ():
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
    needed = {distributions[name][0].lower().replace("_", "-")
              for name in imported - sys.stdlib_module_names}
    assert needed <= required
    assert required - needed == {"ipykernel"}  # what a kernel needs, started and not imported
    assert head["License-Expression"] == "MIT"


def test_a_project_elsewhere_builds_with_the_wheel_alone(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index",
                    "--target", tmp_path / "lib", wheel], check=True, timeout=120)
    book = tmp_path / "book"
    (book / "kernels" / "python3").mkdir(parents=True)
    (book / "kernels" / "python3" / "kernel.json").write_text(json.dumps({
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "stub", "language": "python"}))
    (book / "conf.py").write_text(blocks()[0] + "import tabcells\nprint(tabcells.__file__)\n")
    (book / "index.md").write_text(blocks()[1])
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-n", "-W", ".", "_build/html"], cwd=book,
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lib")})
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "lib" / "tabcells") in done.stdout
    html = (book / "_build" / "html" / "index.html").read_text("utf-8")
    assert "only kernel a runs this" in html and "Prose that holds for tab b alone" in html
    for name in FILES:
        if "/static/" in name:
            assert (book / "_build/html/_static" / name.rpartition("/")[2]).exists()


def test_importable_without_any_framework():
    code = ("import sys; sys.modules.update(mxnet=None, torch=None, d2l=None);"
            "import tabcells; tabcells._import_quickly('nbformat', 'rfc3987_syntax');"
            "import tabcells.sphinx_ext")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
