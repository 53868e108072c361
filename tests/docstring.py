"""The project that the extension's docstring describes."""
import inspect
import re
from textwrap import dedent

import tabcells


def blocks() -> list[str]:
    """What stands in the docstring to be typed off: `conf.py`, `index.md`."""
    return [dedent(block) for block in
            re.findall(r"::\n\n((?:    .*\n|\n)+)", inspect.getdoc(tabcells))]
