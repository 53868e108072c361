"""How two samples of readings compare: one rule, which every verdict keeps to.

Two samples are told apart by the Mann-Whitney test (SciPy's, exact, two-sided), with an error
of at most `ERROR`.  Asked of ``over`` against ``r * under`` it refuses some ratios ``r``; those
that it does not refuse are the `interval` of the ratio.  Seven readings that all lie below
seven others are always told apart, however much each of them scatters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import median

#: How often, at most, chance alone tells two samples apart.
ERROR = 0.01
#: A ratio of medians within this of 1 is no difference worth the name, also where the test tells
#: the samples apart; where it doesn't, the interval too must lie within twice of it.
SAME = 0.1
#: Fewer readings of each than this can't be told apart, whatever they are.
ENOUGH = 5
#: Comparisons that are no verdict.
REFUSED = ("open", "few")


def compare(over: Sequence[float], under: Sequence[float]) -> str:
    """What the readings say of ``over / under``, each a sequence of seconds.

    :returns: ``gain`` (it is more than 1), ``loss`` (less), ``none`` (no difference worth the
        name); ``open`` where they decide nothing, ``few`` where so few of them can't
    """
    low, high = interval(over, under)
    if not low:
        return "few"
    ratio = median(over) / median(under)
    is_apart = low > 1 or high < 1
    if 1 - SAME <= ratio <= 1 + SAME and (
            is_apart or (low > 1 - 2 * SAME and high < 1 + 2 * SAME)):
        return "none"
    if not is_apart:
        return "open"
    return "gain" if low > 1 else "loss"


def interval(over: Sequence[float], under: Sequence[float]) -> tuple[float, float]:
    """Between which two ratios ``over / under`` lies, with a certainty of ``1 - ERROR``.

    :returns: (0, infinity) where the readings are too few to tell
    """
    outside = _outside(len(over), len(under))
    if not outside:
        return 0.0, math.inf
    ratios = sorted(a / b for a in over for b in under)
    return ratios[outside - 1], ratios[-outside]


@cache
def _outside(first: int, second: int) -> int:
    """How many of all ratios, sorted, the test refuses at each end.

    The test asks in how many pairs the one reading is the larger.  So does this, of samples
    made for it: with 0 such pairs, with 1, and so on, until the test refuses no longer.
    """
    from scipy.stats import mannwhitneyu  # takes a second

    for pairs in range(first * second):
        all_pairs, some = divmod(pairs, second)
        sample = [second] * all_pairs + [some - 0.5] + [-1] * (first - all_pairs - 1)
        if mannwhitneyu(sample, range(second), alternative="less",
                        method="exact").pvalue > ERROR / 2:
            return pairs
    return 0
