"""Two works alone and together: did they overlap?"""

from __future__ import annotations

from statistics import median
from typing import Any

from .. import words
from ..compare import REFUSED, SAME, interval
from ..measure import efficiency, in_turn, longer_part, pair
from .base import EARLIER, READINGS, STRINGS, Sides, Timed

SENTENCES = {
    "en": {
        "pair-gain": "Together they took {both}, one after the other {sum}: **{speedup} times as "
                     "fast**. By its least reading the longer part alone needs {limit}, an "
                     "estimate of what no schedule can beat: {efficiency} of that speed was "
                     "reached.{unequal}{beaten}",
        "pair-part": "Together they took {both}, one after the other {sum}: **{speedup} times as "
                     "fast**. They overlapped in part: by its least reading the longer one alone "
                     "needs {limit}, an estimate of what no schedule can beat, and {efficiency} "
                     "of that speed was reached.{unequal}{beaten}",
        "pair-short": "Together they took {both}, one after the other {sum}: a ratio of "
                      "{speedup}. There was **little to gain**: by its least reading the longer "
                      "part alone needs {limit}, and by that estimate no schedule could have "
                      "been more than {best} times as fast.{beaten}",
        "pair-none": "Together they took {both}, one after the other {sum}: **no gain** (ratio "
                     "{speedup}). {reason}",
        "pair-loss": "Together they took {both}, one after the other {sum}: **a loss** (ratio "
                     "{speedup}). The two were in each other's way: memory and caches that serve "
                     "both are the usual cause.",
    },
    "vi": {
        "pair-gain": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **nhanh gấp {speedup} "
                     "lần**. Theo lần đo nhỏ nhất, phần lâu hơn khi chạy riêng cần {limit}, là "
                     "ước lượng của mức mà không cách lập lịch nào xuống dưới được: đã đạt "
                     "{efficiency} tốc độ đó.{unequal}{beaten}",
        "pair-part": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **nhanh gấp {speedup} "
                     "lần**. Chồng lấp được một phần: theo lần đo nhỏ nhất, phần lâu hơn khi chạy "
                     "riêng cần {limit}, là ước lượng của mức mà không cách lập lịch nào xuống "
                     "dưới được, và mới đạt {efficiency} tốc độ đó.{unequal}{beaten}",
        "pair-short": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: tỉ số {speedup}. Ở đây "
                      "**gần như không có gì để lợi**: theo lần đo nhỏ nhất, riêng phần lâu hơn đã "
                      "cần {limit}, và theo ước lượng đó, không cách lập lịch nào nhanh quá "
                      "{best} lần.{beaten}",
        "pair-none": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **không lợi gì** (tỉ số "
                     "{speedup}). {reason}",
        "pair-loss": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **còn chậm hơn** (tỉ số "
                     "{speedup}). Hai bên cản trở nhau; thường là do cùng dùng bộ nhớ và bộ nhớ "
                     "đệm.",
    },
}

#: What the numbers mean where one part is much longer than the other.
UNEQUAL = {
    "en": "The parts are unequal ({short} and {long}): together they can save no more than the "
          "shorter one, so the most is about {best} times, not 2, and the efficiency tells how "
          "near that was.",
    "vi": "Hai phần không bằng nhau ({short} và {long}): chạy cùng lúc chỉ tiết kiệm được nhiều "
          "nhất là phần ngắn hơn, nên tối đa nhanh gấp khoảng {best} lần chứ không phải 2, và "
          "hiệu suất cho biết đã đến gần mức đó thế nào.",
}
#: What is said of a speed-up above that estimate.
BEATEN = {
    "en": "The speed-up is above the {best} times that the least readings allow: that is an "
          "estimate, and this run beat it.",
    "vi": "Mức tăng tốc cao hơn {best} lần, tức mức mà các lần đo nhỏ nhất cho phép: đó chỉ là "
          "ước lượng, và lần chạy này đã vượt qua.",
}
#: Parts that could gain less than this are unequal; those that could gain next to nothing, short.
EQUAL, SHORT = 1.8, 1 + 2 * SAME

#: What ``reason`` of `evidence.pair` may be, in words.
REASONS = {
    "en": {
        "one-thread": "That is what to expect: an eager call on the CPU returns when its work is "
                      "done, so one calling thread never has two things under way.",
        "one-stream": "That is what to expect: the copies stand in the same stream, behind the "
                      "products.",
        "one-queue": "That is what to expect: a copy between two CPU devices stands in the queue "
                     "of the device that it leaves, behind the products.",
        "": "The likely reasons: the two share a resource (cores, memory, a queue), or something "
            "else ran on this machine.",
    },
    "vi": {
        "one-thread": "Đúng như dự đoán: trên CPU, lời gọi *eager* chỉ trả về khi việc đã xong, "
                      "nên một luồng gọi không bao giờ có hai việc dở dang.",
        "one-stream": "Đúng như dự đoán: các lần sao chép xếp hàng trong cùng stream, sau các "
                      "phép nhân.",
        "one-queue": "Đúng như dự đoán: lần sao chép giữa hai thiết bị CPU đứng trong hàng đợi "
                     "của thiết bị mà nó rời đi, sau các phép nhân.",
        "": "Lý do thường gặp: hai bên dùng chung một tài nguyên (lõi, bộ nhớ, hàng đợi), hoặc "
            "trên máy còn việc khác đang chạy.",
    },
}

ALTS = {
    "en": "Each reading as a dot, the medians as bars: {first}; {second}; together, beside the "
          "sum and the limit. Speed-up {speedup}.",
    "vi": "Mỗi lần đo là một chấm, trung vị là vạch: {first}; {second}; cùng lúc, bên cạnh tổng "
          "và giới hạn. Mức tăng tốc {speedup}.",
}
LABELS = {
    "en": {"sum": "one after the other", "limit": "limit (estimate)", "both": "together"},
    "vi": {"sum": "lần lượt", "limit": "giới hạn (ước lượng)", "both": "cùng lúc"},
}


class Pair(Timed):
    """``first``, ``second`` and ``both``; the reader calls the first two by their ``parts``."""

    name = "pair"
    sentences, alts, labels = SENTENCES, ALTS, LABELS
    measure = staticmethod(pair)
    readings = {"type": "object", "required": ["first", "second", "both"],
                "properties": dict.fromkeys(("first", "second", "both"), READINGS),
                "additionalProperties": False}
    properties = {
        **Timed.properties,
        "works": {"const": ["first", "second", "both"]},
        "seconds": {**readings, "description": "each reading of each work, in the order taken"},
        "earlier": {**readings, "description": EARLIER},
        "speedup": {"type": "number", "description": "(first + second) / both; of medians"},
        "efficiency": {"type": "number", "description":
                       "the larger of first's and second's least reading / both's median, at most "
                       "1; in older records of medians"},
        "parts": {**STRINGS, "minItems": 2, "maxItems": 2,
                  "description": "what a reader calls first and second"},
        "reason": {"enum": list(REASONS["en"]),
                   "description": "what keeps the two apart, if that is known"}}
    required = (*Timed.required, "parts", "reason")

    def verdict(self, data: dict[str, Any]) -> str:
        comparison = self.comparison(data)
        if comparison in REFUSED:
            return comparison
        if comparison == "loss":
            return "pair-loss"
        if _best(data) < SHORT:
            return "pair-short"
        if comparison == "none":
            return "pair-none"
        _, most = interval(*self.ratios(data)["efficiency"][0])
        return "pair-part" if most < 1 - SAME else "pair-gain"

    def efficiency(self, data: dict[str, Any]) -> float:
        return efficiency(longer_part(data["seconds"]), data["seconds"]["both"])

    def names(self, data: dict[str, Any], language: str) -> dict[str, str]:
        first, second = (words.label(part, language) for part in data["parts"])
        return {**words.names(data, language), "first": first, "second": second}

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        one, two, both = words.medians(data).values()
        best = words.number(_best(data), language)
        unequal = UNEQUAL[language].format(
            short=words.duration(min(one, two), language),
            long=words.duration(max(one, two), language), best=best)
        return {**self.refusal(data, language), "both": words.duration(both, language),
                "slow": words.label("sum", language), "fast": words.label("both", language),
                "sum": words.duration(one + two, language), "best": best,
                "limit": words.duration(longer_part(data["seconds"]), language),
                "efficiency": words.percent(self.efficiency(data), language),
                "unequal": words.more(unequal) if _best(data) < EQUAL else "",
                "beaten": words.more(BEATEN[language].format(best=best)) if _is_beaten(data)
                else "",
                "reason": REASONS[language][data.get("reason", "")]}

    def rows(self, data: dict[str, Any], language: str) -> list[tuple]:
        (one, *first), (two, *second), both = super().rows(data, language)
        (sum_label, total), (limit_label, limit) = self.marks(data, language).items()
        return [(f"T₁: {one}", *first), (f"T₂: {two}", *second),
                (f"T₁ + T₂: {sum_label}", total, None), (limit_label, limit, None), both]

    def marks(self, data: dict[str, Any], language: str) -> dict[str, float]:
        return {words.label("sum", language): _total(data),
                words.label("limit", language): longer_part(data["seconds"])}

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """One after the other over together; the longer part over together."""
        first, second, both = (data["seconds"][name] for name in ("first", "second", "both"))
        return {"speedup": [(in_turn(data["seconds"]), both)],
                "efficiency": [(max(first, second, key=median), both)]}


def _total(data: dict[str, Any]) -> float:
    """Seconds of both parts in turn."""
    return median(data["seconds"]["first"]) + median(data["seconds"]["second"])


def _is_beaten(data: dict[str, Any]) -> bool:
    """Whether this run beat the limit, or the largest speed-up that a reader expects.

    That is `_best` where the parts are unequal, for `UNEQUAL` names it.  Of equal parts nothing
    names it, and a reader expects 2, the most of any two works.
    """
    most = _best(data) if _best(data) < EQUAL else 2
    return (round(median(data["seconds"]["both"]) / longer_part(data["seconds"]), 2) < 1
            or round(data["speedup"], 2) > round(most, 2))


def _best(data: dict[str, Any]) -> float:
    """An estimate of the speed-up that no schedule can beat, from the least readings: up to 2."""
    parts = [min(data["seconds"][name]) for name in ("first", "second")]
    return sum(parts) / max(parts)
