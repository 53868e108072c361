"""Evidence for claims about speed: measure, trace, show.

The book's cells import this package, and so may yours: it needs Matplotlib and SciPy,
and a framework only where a function is named after one.

``pair``, ``versus``, ``curve`` and ``bound`` measure; ``timeline`` shows a profiler's
trace.  Each returns an ``Evidence``, which a notebook shows as a sentence, a table and a
plot when it is the last line of a cell.  The sentence is computed from the numbers, by the
kind's module in `evidence.kinds`; whether they earn a verdict, by `evidence.compare`.
"""

from .measure import Evidence, bound, curve, interleaved, pair, timeline, versus

__all__ = ["Evidence", "bound", "curve", "interleaved", "pair", "timeline", "versus"]
