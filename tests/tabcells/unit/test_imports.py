"""The extension knows nothing of what it runs."""
from conftest import ROOT


def test_the_extension_names_no_framework():
    sources = [p.read_text("utf-8") for p in (ROOT / "tabcells").rglob("*.py")]
    assert not [w for s in sources for w in ("mxnet", "torch") if w in s.lower()]
