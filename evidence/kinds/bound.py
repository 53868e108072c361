"""A graph of tasks one by one and side by side, beside what no schedule can beat."""

from __future__ import annotations

from statistics import median
from typing import Any

from .. import words
from ..compare import REFUSED
from ..measure import bound, efficiency
from .base import TWO_WAYS, Sides, Timed

#: What all sentences say, first of the two ways, then of the bound.
TOOK = {"en": "*{slow}* took {first}, *{fast}* {second}: ",
        "vi": "*{slow}* mất {first}, *{fast}* mất {second}: "}
ESTIMATE = {
    "en": "The tasks timed alone give {limit} as an estimate of what no schedule can beat",
    "vi": "Thời gian của từng tác vụ chạy riêng cho ước lượng {limit} là mức mà không cách lập "
          "lịch nào xuống dưới được"}
VERDICTS = {
    "en": {
        "bound-met": "**{speedup} times as fast**. @, and that was reached.{beaten}",
        "bound-near": "**{speedup} times as fast**. @; this one took {over} times that.",
        "bound-far": "**{speedup} times as fast**. @, and {over} times that was needed: the rest "
                     "went into waiting, copies and the cores that the tasks share.",
        "bound-none": "**no difference worth the name** (ratio {speedup}). @.{beaten}",
        "bound-loss": "**a loss** (ratio {speedup}). @.{beaten}",
    },
    "vi": {
        "bound-met": "**nhanh gấp {speedup} lần**. @, và lần chạy này đã đạt mức đó.{beaten}",
        "bound-near": "**nhanh gấp {speedup} lần**. @; lần chạy này mất gấp {over} lần mức đó.",
        "bound-far": "**nhanh gấp {speedup} lần**. @, còn ở đây cần gấp {over} lần: phần dôi ra "
                     "là thời gian chờ, sao chép và tranh nhau các lõi.",
        "bound-none": "**không khác nhau đáng kể** (tỉ số {speedup}). @.{beaten}",
        "bound-loss": "**còn chậm hơn** (tỉ số {speedup}). @.{beaten}",
    },
}
SENTENCES = {language: {branch: TOOK[language] + text.replace("@", ESTIMATE[language])
                        for branch, text in verdicts.items()}
             for language, verdicts in VERDICTS.items()}
#: What is said of a run that took less.
BEATEN = {
    "en": "It was even beaten, for this run took only {over} times that: alone, a task can "
          "take longer than among the others.",
    "vi": "Lần chạy này còn vượt qua ước lượng ấy vì chỉ mất {over} lần mức đó: khi chạy riêng, "
          "một tác vụ có thể lâu hơn khi chạy cùng các tác vụ khác."}
#: Up to this many times the bound has met it, and up to this many is near it.
MET, NEAR = 1.005, 1.3


class Bound(Timed):
    """``sequential`` and ``parallel``, and the ``limit``."""

    name = "bound"
    sentences, alts = SENTENCES, TWO_WAYS
    labels = {"en": {"bound": "bound (estimate)"}, "vi": {"bound": "cận dưới (ước lượng)"}}
    measure = staticmethod(bound)
    properties = {
        **Timed.properties,
        "works": {"const": ["sequential", "parallel"]},
        "efficiency": {"type": "number", "description": "limit / parallel's median, at most 1"},
        "limit": {"type": "number",
                  "description": "an estimate of the seconds that no schedule can beat"}}
    required = (*Timed.required, "limit")

    def verdict(self, data: dict[str, Any]) -> str:
        comparison = self.comparison(data)
        if comparison != "gain":
            return comparison if comparison in REFUSED else f"bound-{comparison}"
        over = _over(data)
        return "bound-met" if over <= MET else "bound-near" if over <= NEAR else "bound-far"

    def efficiency(self, data: dict[str, Any]) -> float:
        return efficiency(data["limit"], data["seconds"]["parallel"])

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        over = words.number(_over(data), language)
        return {**super().facts(data, language), "limit": words.duration(data["limit"], language),
                "over": over, "beaten": words.more(BEATEN[language].format(over=over))
                if round(_over(data), 2) < 1 else ""}

    def rows(self, data: dict[str, Any], language: str) -> list[tuple]:
        return [*super().rows(data, language),
                (words.label("bound", language), data["limit"], None)]

    def marks(self, data: dict[str, Any], language: str) -> dict[str, float]:
        return {words.label("bound", language): data["limit"]}

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """Sequential over parallel; the bound over parallel."""
        return {**super().ratios(data),
                "efficiency": [([data["limit"]], data["seconds"]["parallel"])]}


def _over(data: dict[str, Any]) -> float:
    """How many times the bound was needed."""
    return median(data["seconds"]["parallel"]) / data["limit"]
