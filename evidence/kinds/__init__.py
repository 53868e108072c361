"""The kinds of evidence, by name.  What is done with evidence asks them, and nothing else does.

To add one: a function in `evidence.measure`, which the cells call; a module here with a
subclass of `Kind`, which says, draws and publishes what that function returns; its line below.
"""

from __future__ import annotations

from typing import Any

from . import bound, curve, pair, timeline, versus
from .base import PARTS, Kind, Timed

__all__ = ["KINDS", "PARTS", "Kind", "Timed", "of"]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    pair.Pair(), versus.Versus(), curve.Curve(), bound.Bound(), timeline.Timeline())}


def of(data: dict[str, Any]) -> Kind:
    """The kind of ``data``.

    :raises ValueError: one that is not registered
    """
    name = data.get("kind")
    if name not in KINDS:
        raise ValueError(f"evidence of the kind {name!r}; there are {', '.join(KINDS)}")
    return KINDS[name]
