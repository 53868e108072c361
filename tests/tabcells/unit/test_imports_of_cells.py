"""What a tab's cells import, and which distributions that makes count."""
import functools
import py_compile
import subprocess
import sys
from importlib.machinery import SourceFileLoader

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


def test_code_without_an_import_is_not_parsed(monkeypatch, tmp_path):
    imports.forget()
    monkeypatch.setattr(imports, "parse", lambda source: pytest.fail(f"parsed: {source}"))
    assert imports.imports_of(("print(1)", "%matplotlib inline", "x = 2"), str(tmp_path)) == (
        {}, frozenset())


@pytest.fixture
def root(tmp_path):
    imports.forget()
    yield tmp_path
    imports.forget()


@pytest.mark.parametrize("source, modules", [
    ("%%time\nimport one", {"one"}), ("%%capture out\nfrom one.two import x", {"one"}),
    ("%%timeit -n 3\nimport one", {"one"}), ("%%timeit import one\nx = 1", {"one"}),
    ("%%time\n%matplotlib inline\nimport one\n!ls", {"one"}),
    ("%%capture\n%%time\nimport one", {"one"}),
    ("%time import one", {"one"}), ("%load_ext one", {"one"}), ("len?\nimport one", {"one"}),
    ("x = !ls\nimport one", {"one"}), ("%%bash\nfor f in *; do echo $f; done", set()),
    ("%%javascript\nlet x = `1`;", set()), ("%%time\n", set()), ("%%", set()), ("%", set()),
    ("!", set()), ("?", set()), ("x = 'a\n%b", set()), ("\0%", set()), ("\0", set()),
    ("(" * 999 + "%", set()), ("-" * 99_999 + "1", set()),
    ("get_ipython().run_cell_magic()", set()),
    ("from . import one", set()), ("return import one", set()), ("\ud800 = '%'", set()),
    ("obj.run_line_magic(1, 2)", set()),
])
def test_magics_are_seen_through_and_break_nothing(root, source, modules):
    assert imports.imports_of((source,), str(root)) == ({}, modules)


@pytest.mark.parametrize("source", ["import lib.helper", "from lib import helper",
                                    "from lib.helper import x"])
def test_a_helper_in_a_folder_without_init_counts(root, source):
    (root / "lib" / "deep").mkdir(parents=True)
    (root / "lib" / "helper.py").write_text("import numpy\nfrom .deep import inner\n")
    (root / "lib" / "deep" / "inner.py").write_text("from ..deep import inner\n")
    helpers, outside = imports.imports_of((source,), str(root))
    assert set(helpers) == {"lib/helper.py", "lib/deep/inner.py"} and "numpy" in outside


def test_a_folder_named_like_an_installed_package_hides_it_only_if_it_is_a_package(root):
    (root / "numpy").mkdir()
    (root / "numpy" / "part.py").write_text("")
    assert imports.imports_of(("import numpy",), str(root)) == ({}, {"numpy"})
    assert imports.imports_of(("import numpy.part",), str(root))[1] == {"numpy"}
    imports.forget()
    (root / "numpy" / "__init__.py").write_text("")
    helpers, outside = imports.imports_of(("import numpy",), str(root))
    assert set(helpers) == {"numpy/__init__.py"} and not outside


@pytest.mark.parametrize("name, content", [
    ("helper.py", b"-" * 99_999 + b"1"), ("helper.py", b"\0"), ("helper.py", b"def ("),
    ("helper.py", b"# coding: nonsense\n"),
    ("helper.py", b"x = '\xff'\n"), ("helper.abi3.so", b"\x7fELF"), ("helper.pyc", b"old")])
def test_a_helper_that_can_not_be_parsed_ends_nothing(root, name, content):
    (root / name).write_bytes(content)
    (root / "other.py").write_text("")
    helpers, outside = imports.imports_of(("import helper, other, one",), str(root))
    assert "other.py" in helpers and "one" in outside


def test_what_python_has_compiled_is_taken_and_nothing_is_left_beside_the_sources(
        root, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (root / "time.py").write_text("import never\n")  # Python's own goes before it
    (root / "helper.py").write_text("import time\nclass A:\n    import of_a_class\n"
                                    "    def f(self):\n        import of_a_function\n")
    compiled_here = imports.imports_of(("import helper",), str(root))
    assert set(compiled_here[0]) == {"helper.py"} and compiled_here[1] == {"of_a_class"}
    assert not list(root.rglob("*.pyc"))
    py_compile.compile(str(root / "helper.py"))
    monkeypatch.setattr(SourceFileLoader, "source_to_code",
                        lambda *_, **__: pytest.fail("compiled again"))
    imports.forget()
    assert imports.imports_of(("import helper",), str(root)) == compiled_here


def test_packages_as_they_are_installed():
    packages = probe.packages()
    assert packages["sphinx"][2] == ["sphinx"]
    assert "yaml" in packages["pyyaml"][2] and "six" in packages["six"][2]
    assert "docutils" in packages["sphinx"][1]
    assert "pytest" not in packages["sphinx"][1]  # an extra's


def test_of_a_package_its_fields_count_and_not_what_it_tells_of_itself(tmp_path, monkeypatch):
    for folder, name, file in (("one-1.dist-info", "One", "METADATA"),
                               ("two-1.egg-info", "two", "PKG-INFO")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\nSummary: long\n  and longer\n"
            "Requires-Dist: needed (>=2)\n\nRequires-Dist: of-the-description\n")
    (tmp_path / "one-1.dist-info" / "RECORD").write_text(
        "one/__init__.py,sha256=x,1\none_alone.py,,\none-1.dist-info/RECORD,,\n"
        "_one.cpython-311-x86_64-linux-gnu.so,,\n../../bin/one,,\n")
    (tmp_path / "two-1.egg-info" / "top_level.txt").write_text("two\n")
    monkeypatch.setattr(probe.importlib.metadata, "distributions", functools.partial(
        probe.importlib.metadata.distributions, path=[str(tmp_path)]))
    assert probe.packages() == {"one": ["1.5", ["needed"], ["_one", "one", "one_alone"]],
                                "two": ["1.5", ["needed"], ["two"]]}


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
