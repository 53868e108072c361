"""What a tab's cells import, and which distributions that makes count."""
import subprocess

import pytest

from tabcells.run import imports, probe

PACKAGES = {"top": ["1", ["deep", "absent"], ["top", "also_top"]],
            "deep": ["2", ["top"], ["deep"]],  # they need each other
            "other": ["3", [], ["other"]],
            "named-otherwise": ["4", [], ["shared"]], "also-named": ["5", [], ["shared"]]}


@pytest.mark.parametrize("modules, names, found", [
    ({"top"}, [], {"deep": "2", "top": "1"}),
    ({"also_top", "unknown"}, [], {"deep": "2", "top": "1"}),
    ({"shared"}, [], {"also-named": "5", "named-otherwise": "4"}),
    (set(), ["other", "not-installed"], {"other": "3"}),
    (set(), [], {}),
])
def test_the_closure_of_requirements(modules, names, found):
    assert imports.closure(PACKAGES, frozenset(modules), names) == found


def test_imports_of_cells_and_of_helpers(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("import needed_by_helper\n")
    (tmp_path / "package" / "part.py").write_text(
        "import os\ntry:\n    import tried\nexcept ImportError:\n    pass\n"
        "def f():\n    import of_one_tab_alone\n")
    (tmp_path / "unused.py").write_text("import never\n")
    imports.forget()
    helpers, outside = imports.imports_of(
        ("%matplotlib inline\nfrom package import part\nimport one.two, sys",
         "def f():\n    from three.four import five\n", "await g()", "not Python ("),
        str(tmp_path))
    assert set(helpers) == {"package/__init__.py", "package/part.py"}
    assert outside == {"needed_by_helper", "tried", "one", "three"}


def test_packages_as_they_are_installed():
    packages = probe.packages()
    assert packages["sphinx"][2] == ["sphinx"]
    assert "yaml" in packages["pyyaml"][2] and "six" in packages["six"][2]
    assert "docutils" in packages["sphinx"][1]
    assert "pytest" not in packages["sphinx"][1]  # an extra's


@pytest.mark.parametrize("visible, gpus", [
    (None, ["A", "B"]), ("1", ["B"]), ("1,0", ["B", "A"]), ("", []), ("-1", []), ("7", []),
    ("GPU-uuid", ["A", "B"])])
def test_usable_gpus(monkeypatch, visible, gpus):
    monkeypatch.setattr(probe.shutil, "which", lambda name: "/nvidia-smi")
    monkeypatch.setattr(probe.subprocess, "run", lambda *words, **options:
                        subprocess.CompletedProcess(words, 0, "A\nB\n"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert probe.hardware()["gpus"] == gpus
