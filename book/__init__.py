"""What this book adds to Sphinx: see each part's own words."""

from importlib import import_module
from typing import Any

from tabcells.settings import refuse_unknown

PARTS = ("citations", "ebook", "english", "fold", "formulas", "frameworks", "learn", "licences",
         "machines", "numbers", "paper", "pictures", "rebuild", "schedule", "search", "shell",
         "status", "tables", "takealong.downloads", "twins")


def check_names(app, config) -> None:
    """Refuse a misspelt `book_*` in conf.py; each part has told Sphinx its own by now."""
    refuse_unknown(config, ("book_",))


def setup(app) -> dict[str, Any]:
    for name in PARTS:  # imported here: conf.py and tools want `frameworks` alone
        import_module(f"{__name__}.{name}").setup(app)
    app.connect("config-inited", check_names)
    return {"version": "0.1.0", "env_version": 3,  # one more where what pages remember changes
            "parallel_read_safe": True, "parallel_write_safe": True}
