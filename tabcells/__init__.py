"""Tabbed, executed code cells for Sphinx: each tab runs in a kernel of its own.

Use it in three files.  ``conf.py``::

    extensions = ["tabcells"]  # it sets up myst_nb and sphinx_tabs.tabs
    tabcells_tabs = {
        "a": {"label": "Tab A", "kernel": "python3"},
        "b": {"label": "Tab B", "kernel": "python3"},
    }

``index.md``, a flat MyST notebook, which Jupyter and jupytext open as it is::

    ---
    file_format: mystnb
    ---
    # Title

    ```{code-cell} python
    :tab: a
    print("only kernel a runs this")
    ```

    +++ {"tab": "b"}
    Prose that holds for tab b alone, up to the next `+++` or code cell.

and ``kernels/NAME/kernel.json`` for each kernel that is not installed already:
a Jupyter kernelspec, whose ``env`` holds that kernel's environment variables.

Neighbouring tabbed blocks become one tab set.  All sets show one choice; from two sets on a
page has a switch that stays in sight.  A reader's choice is remembered by the browser, that of
a link (``?tab=a``) for this visit alone.  On a page with tabs, a cell
without ``:tab:`` runs in every kernel of the page and shows what each printed;
a ``glue`` key ``x`` of tab ``a`` is read as ``a.x``.  A cell may set
``:timeout: SECONDS``; a page too, by ``tabcells: {timeout: SECONDS}`` in its
front matter.  A page without tabs is left to myst-nb.  Notebooks of Jupyter, and other
formats that myst-nb reads, are pages too: there ``tab`` stands in a cell's metadata.

Kernels start in the source folder, wherever Sphinx was started, or each in a folder of its own
(``tabcells_folder``).  What they print is kept, and
a tab runs again when what determines it has changed: its code; its kernel's definition,
variables and files; the modules of the source folder that it imports; the versions of the
installed packages that it imports, of those that they require, and of its ``packages``; the
Python; the processor's model, the usable cores and GPUs.  Of Python kernels of this machine every
file of the source folder counts that the run opened or imported (an audit hook sees it), but
for what it wrote itself and the folder ``_build``.  A page may name further files, by patterns
from the source folder: ``tabcells: {files: ["data/*.csv"]}`` in its front matter.

Not seen: files that another process reads (``!python other.py``, workers of multiprocessing), or
a library of machine code without Python's ``open``; lists of folders; the network; modules and
files from elsewhere that belong to no installed package; packages imported by other means than
``import`` whose versions ``packages`` does not name.  Of kernels that are not Python, only
code, definition, hardware and the named files count; at a gateway, what is imported besides.

`sphinx-build -b execute` runs what must run and renders nothing.  ``executions.jsonl`` in the
cache's folder has a line for each run of a tab.  The folder may be copied to another checkout.
Where several calls of Sphinx are one build (a language each), give them one ``TABCELLS_BUILD``
in the environment: numbers that one of them measured are then new in all.

`python -m tabcells settings` prints every setting with its default and what it means.
`python -m tabcells notebook PAGE TAB` writes one tab as a notebook to edit and run, and with
`--back FILE` takes its code back into the page.
`python -m tabcells d2l PAGE` prints a page of *Dive into Deep Learning* as MyST.  Such pages are
read as they stand where ``tabcells_d2l`` is set.

Every trouble with a cell stops the build: ``tabcells.errors.CellError`` names file, line and tab.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.util.typing import ExtensionMetadata

__version__ = "0.1.0"


def setup(app) -> ExtensionMetadata:
    """Connect the pipeline to Sphinx (see ``tabcells.sphinx_ext``)."""
    _import_quickly("nbformat", "rfc3987_syntax")
    from .sphinx_ext import setup as connect

    return connect(app)


def _import_quickly(module, without) -> None:
    """Import ``module`` as if an optional part were not installed.

    jsonschema, which nbformat imports, spends 0.8 s on grammars for IRIs at each start where
    ``rfc3987_syntax`` is installed (jupyter_server asks for it). Notebooks hold no IRIs.
    """
    if module not in sys.modules and without not in sys.modules:
        sys.modules[without] = None  # type: ignore[assignment]  # its import fails
        importlib.import_module(module)
        del sys.modules[without]
