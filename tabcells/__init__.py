"""Tabbed, executed code cells for Sphinx: each tab runs in a kernel of its own.

Use it in three files.  ``conf.py``::

    extensions = ["myst_nb", "sphinx_tabs.tabs", "tabcells"]
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

Neighbouring tabbed blocks become one tab set.  On a page with tabs, a cell
without ``:tab:`` runs in every kernel of the page and shows what each printed;
a ``glue`` key ``x`` of tab ``a`` is read as ``a.x``.  A cell may set
``:timeout: SECONDS``; a page too, by ``tabcells: {timeout: SECONDS}`` in its
front matter.  A page without tabs is left to myst-nb.

Kernels start in the source folder.  A cell runs again when its tab's code, kernelspec,
environment, hardware, or a module of the source folder that it imports has changed.

Settings: ``tabcells_tabs``, ``tabcells_kernels`` (folder of kernelspecs, default
``kernels``), ``tabcells_cache`` (folder, default ``_build/tabcells``),
``tabcells_timeout`` (seconds a cell, default 300), ``tabcells_output`` (dotted name of a
function ``f(output, where)`` that returns the list of outputs to show in the place of one;
``where`` has ``docname``, ``tab``, ``cell`` and ``language``), ``tabcells_provenance`` (a
Markdown template that ends each tab; empty for none), ``tabcells_label`` (the tab list's
accessible name) and ``tabcells_only`` (what a tab set says to readers whose tab it lacks;
``{}`` is the labels that it has).  Every trouble with a cell stops the build:
``tabcells.errors.CellError`` names file, line and tab.
"""

__version__ = "0.1.0"


def setup(app):
    """Connect the pipeline to Sphinx (see ``tabcells.sphinx_ext``)."""
    from .sphinx_ext import setup as connect

    return connect(app)
