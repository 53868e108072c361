"""Two works alone and together: did they overlap?"""

from __future__ import annotations

from statistics import median
from typing import Any

from .. import words
from ..measure import pair
from .base import READINGS, STRINGS, Sides, Timed

SENTENCES = {
    "en": {
        "pair-full": "Together they took {both}, one after the other {sum}: **{speedup} times as "
                     "fast**. No schedule can beat the larger part, {limit}: {efficiency} of what "
                     "is possible was reached.",
        "pair-part": "Together they took {both}, one after the other {sum}: **{speedup} times as "
                     "fast**. They overlapped in part: the larger one alone needs {limit}, and "
                     "{efficiency} of what is possible was reached.",
        "pair-short": "Together they took {both}, one after the other {sum}: a ratio of "
                      "{speedup}. There was **little to gain**: the larger part alone needs "
                      "{limit}, so nothing could have been faster than {best} times.",
        "pair-none": "Together they took {both}, one after the other {sum}: **no gain** (ratio "
                     "{speedup}). {reason}",
        "pair-loss": "Together they took {both}, one after the other {sum}: **a loss** (ratio "
                     "{speedup}). The two were in each other's way: memory and caches that serve "
                     "both are the usual cause.",
    },
    "vi": {
        "pair-full": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **nhanh gấp {speedup} "
                     "lần**. Không cách định thời nào thắng được phần lâu hơn, {limit}: đã đạt "
                     "{efficiency} mức tốt nhất có thể.",
        "pair-part": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **nhanh gấp {speedup} "
                     "lần**. Chồng lấp được một phần: riêng phần lâu hơn đã cần {limit}, nên "
                     "mới đạt {efficiency} mức tốt nhất có thể.",
        "pair-short": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: tỉ số {speedup}. Ở đây "
                      "**gần như không có gì để lợi**: riêng phần lâu hơn đã cần {limit}, nên "
                      "tối đa cũng chỉ nhanh gấp {best} lần.",
        "pair-none": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **không lợi gì** (tỉ số "
                     "{speedup}). {reason}",
        "pair-loss": "Chạy cùng lúc mất {both}, chạy lần lượt mất {sum}: **còn chậm hơn** (tỉ số "
                     "{speedup}). Hai bên cản trở nhau; thường là do cùng dùng bộ nhớ và bộ nhớ "
                     "đệm.",
    },
}

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
        "one-stream": "Đúng như dự đoán: các bản sao chép xếp hàng trong cùng stream, sau các "
                      "phép nhân.",
        "one-queue": "Đúng như dự đoán: bản sao chép giữa hai thiết bị CPU đứng trong hàng đợi "
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
    "en": {"sum": "one after the other", "limit": "the larger (limit)", "both": "together"},
    "vi": {"sum": "lần lượt", "limit": "phần lâu hơn (giới hạn)", "both": "cùng lúc"},
}


class Pair(Timed):
    """``first``, ``second`` and ``both``; the reader calls the first two by their ``parts``."""

    name = "pair"
    sentences, alts, labels = SENTENCES, ALTS, LABELS
    measure = staticmethod(pair)
    properties = {
        **Timed.properties,
        "works": {"const": ["first", "second", "both"]},
        "seconds": {"type": "object", "required": ["first", "second", "both"],
                    "properties": dict.fromkeys(("first", "second", "both"), READINGS),
                    "additionalProperties": False,
                    "description": "each reading of each work, in the order taken"},
        "speedup": {"type": "number", "description": "(first + second) / both; of medians"},
        "efficiency": {"type": "number",
                       "description": "the larger of first and second / both; of medians"},
        "parts": {**STRINGS, "minItems": 2, "maxItems": 2,
                  "description": "what a reader calls first and second"},
        "reason": {"enum": list(REASONS["en"]),
                   "description": "what keeps the two apart, if that is known"}}
    required = (*Timed.required, "parts", "reason")

    def verdict(self, data: dict[str, Any]) -> str:
        speedup, efficiency = data["speedup"], data["efficiency"]
        if words.is_noisy(data):
            return "noisy"
        if speedup < 1 - words.SAME:
            return "pair-loss"
        if speedup / efficiency < 1 + 2 * words.SAME:
            return "pair-short"
        if speedup <= 1 + words.SAME:
            return "pair-none"
        return "pair-full" if efficiency >= 1 - words.SAME else "pair-part"

    def names(self, data: dict[str, Any], language: str) -> dict[str, str]:
        first, second = (words.label(part, language) for part in data["parts"])
        return {**words.names(data, language), "first": first, "second": second}

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        both, total, limit = words.medians(data)["both"], *_total_and_limit(data)
        return {**self.noise(data, language), "both": words.duration(both, language),
                "sum": words.duration(total, language), "limit": words.duration(limit, language),
                "best": words.number(total / limit, language),
                "speedup": words.number(data["speedup"], language),
                "efficiency": words.percent(data["efficiency"], language),
                "reason": REASONS[language][data.get("reason", "")]}

    def rows(self, data: dict[str, Any], language: str) -> list[tuple]:
        (one, *first), (two, *second), both = super().rows(data, language)
        (sum_label, total), (limit_label, limit) = self.marks(data, language).items()
        return [(f"T₁: {one}", *first), (f"T₂: {two}", *second),
                (f"T₁ + T₂: {sum_label}", total, None), (limit_label, limit, None), both]

    def marks(self, data: dict[str, Any], language: str) -> dict[str, float]:
        total, limit = _total_and_limit(data)
        return {words.label("sum", language): total, words.label("limit", language): limit}

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """One after the other over together; the larger part over together."""
        first, second, both = (data["seconds"][name] for name in ("first", "second", "both"))
        return {"speedup": [([a + b for a, b in zip(first, second)], both)],
                "efficiency": [(max(first, second, key=median), both)]}


def _total_and_limit(data: dict[str, Any]) -> tuple[float, float]:
    """Seconds of both parts in turn, and of the larger one, which no schedule can beat."""
    one, two = (median(data["seconds"][name]) for name in ("first", "second"))
    return one + two, max(one, two)
