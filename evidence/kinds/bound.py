"""A graph of tasks one by one and side by side, beside what no schedule can beat."""

from __future__ import annotations

from typing import Any

from .. import words
from ..measure import bound
from .base import TWO_WAYS, Sides, Timed

SENTENCES = {
    "en": {
        "bound-near": "*{slow}* took {first}, *{fast}* {second}: **{speedup} times as fast**. No "
                      "schedule can beat {limit}; this one took {over} times that.",
        "bound-far": "*{slow}* took {first}, *{fast}* {second}: a ratio of **{speedup}**. The "
                     "bound is {limit}, and {over} times that was needed: the rest went into "
                     "waiting, copies and the cores that the tasks share.",
    },
    "vi": {
        "bound-near": "*{slow}* mất {first}, *{fast}* mất {second}: **nhanh gấp {speedup} lần**. "
                      "Không cách định thời nào dưới {limit} được; lần chạy này mất gấp {over} lần "
                      "mức đó.",
        "bound-far": "*{slow}* mất {first}, *{fast}* mất {second}: tỉ số **{speedup}**. Cận dưới "
                     "là {limit}, còn ở đây cần gấp {over} lần: phần dôi ra là thời gian chờ, sao "
                     "chép và tranh nhau các lõi.",
    },
}
#: Up to this many times the bound is near it.
NEAR = 1.3


class Bound(Timed):
    """``sequential`` and ``parallel``, and the ``limit``."""

    name = "bound"
    sentences, alts = SENTENCES, TWO_WAYS
    labels = {"en": {"bound": "bound"}, "vi": {"bound": "cận dưới"}}
    measure = staticmethod(bound)
    properties = {
        **Timed.properties,
        "works": {"const": ["sequential", "parallel"]},
        "efficiency": {"type": "number", "description": "limit / parallel; of medians"},
        "limit": {"type": "number", "description": "seconds that no schedule can beat"}}
    required = (*Timed.required, "limit")

    def verdict(self, data: dict[str, Any]) -> str:
        if words.is_noisy(data):
            return "noisy"
        return "bound-near" if data["efficiency"] >= 1 / NEAR else "bound-far"

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        return {**super().facts(data, language), "limit": words.duration(data["limit"], language),
                "over": words.number(1 / data["efficiency"], language)}

    def rows(self, data: dict[str, Any], language: str) -> list[tuple]:
        return [*super().rows(data, language),
                (words.label("bound", language), data["limit"], None)]

    def marks(self, data: dict[str, Any], language: str) -> dict[str, float]:
        return {words.label("bound", language): data["limit"]}

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """Sequential over parallel; the bound over parallel."""
        return {**super().ratios(data),
                "efficiency": [([data["limit"]], data["seconds"]["parallel"])]}
