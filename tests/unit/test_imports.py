"""The extension stands alone."""
import subprocess
import sys

from conftest import ROOT


def test_importable_without_any_framework():
    code = ("import sys; sys.modules.update(mxnet=None, torch=None, d2l=None);"
            "import tabcells; tabcells._import_quickly('nbformat', 'rfc3987_syntax');"
            "import tabcells.sphinx_ext")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_extension_names_no_framework():
    sources = [p.read_text("utf-8") for p in (ROOT / "tabcells").glob("*.py")]
    assert not [w for s in sources for w in ("mxnet", "torch", "d2l") if w in s.lower()]
