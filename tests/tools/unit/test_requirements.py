"""requirements*.txt name all that is imported, requirements*.lock all that those need in turn.

No network: what a package needs is read from what is installed; `make check` installs the locks.
"""
import ast
import re
import subprocess
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tabcells.run.imports import names_of, parse
from tools import lock

RENDER, ALL, TORCH, GPU = (lock.read(ROOT / f"requirements{part}.txt")
                           for part in ("-render", "", "-torch", "-gpu"))
LOCKS = {part: lock.read(ROOT / f"requirements{part}.lock") for part in ("-render", "", "-gpu")}
HELD = {**LOCKS["-render"], **LOCKS[""]}
INSTALLED = {canonicalize_name(found.name): found for found in distributions()}
CELL = re.compile(r"(?ms)^```\{code-cell\} python\n(?:^:[^\n]*\n)*(.*?)^```$")


def imported():
    """``{module: a file that imports it}`` for all Python files and cells that git does not
    ignore, without Python's own modules and this repository's."""
    names = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard", "*.py", "*.md"],
                           cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [Path(name) for name in names.split("\0")[:-1] if (ROOT / name).exists()]
    own = {part for file in files if file.suffix == ".py" for part in (
        file.stem, *(file.parts if file.parts[0] == "tests" else file.parts[:1]))}
    found = {}
    for file in files:
        text = (ROOT / file).read_text("utf-8")
        for code in [text] if file.suffix == ".py" else CELL.findall(text):
            found |= {name.partition(".")[0]: file for name in names_of(ast.walk(parse(code)))}
    return {name: file for name, file in found.items()
            if name not in sys.stdlib_module_names and name not in own}


def closure(*direct):
    """``{name: what needs it}`` of all that these need in turn, except what PyTorch's CUDA
    build alone needs."""
    found, todo = {}, [(Requirement(name), "the list") for name in direct]
    while todo:
        wanted, by = todo.pop()
        name = canonicalize_name(wanted.name)
        assert name not in HELD or wanted.specifier.contains(HELD[name]), (name, HELD[name], by)
        if (name, *wanted.extras) in found or (lock.of_pytorch(name) and name not in TORCH):
            continue
        found[(name, *wanted.extras)] = by
        assert name in INSTALLED, f"{by} needs {name}: `make lock`, then `make env`"
        needs = map(Requirement, INSTALLED[name].requires or ())
        todo += [(need, name) for need in needs if not need.marker or any(
            need.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras))]
    return {name: by for (name, *_), by in found.items()}


def test_what_is_imported_is_listed():
    known, modules = packages_distributions(), imported()
    assert {"torch", "mxnet", "d2l", "sphinx", "yaml", "pytest"} <= set(modules)
    assert not {name: str(file) for name, file in modules.items() if not {
        canonicalize_name(found) for found in known.get(name, ())
        } & {*RENDER, *ALL, *TORCH}}


def test_the_locks_have_the_listed_versions():
    for direct, held in ((RENDER, LOCKS["-render"]), (RENDER | ALL, HELD), (GPU, LOCKS["-gpu"])):
        assert direct
        assert not {name: version for name, version in direct.items()
                    if held.get(name) != version}, "run `make lock`"


@pytest.mark.parametrize("direct, held", [
    (RENDER, LOCKS["-render"]), (RENDER | ALL | TORCH, HELD | TORCH)], ids=["render", "all"])
def test_the_locks_have_all_that_is_needed_and_nothing_else(direct, held):
    needed = closure(*direct)
    assert not {name: by for name, by in needed.items() if name not in held}, "run `make lock`"
    assert not [name for name in held if name not in needed], "run `make lock`"


def test_what_is_installed_is_what_the_lock_says():
    assert not {name: version for name, version in HELD.items()
                if name not in INSTALLED or INSTALLED[name].version != version}, "run `make env`"


def test_the_locks_name_versions_and_no_addresses_and_leave_pytorch_to_pip():
    for part in LOCKS:
        for line in (ROOT / f"requirements{part}.lock").read_text().splitlines():
            assert re.fullmatch(r"#.*|-r requirements-render\.lock|[a-z\d-]+==[\w.!+]+", line)
    assert not [name for held in LOCKS.values() for name in held if lock.of_pytorch(name)]
    assert set(TORCH) == {"torch", "torchvision"}
