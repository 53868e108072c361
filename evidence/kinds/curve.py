"""Two ways over a range of sizes: from which size on is the second the faster?"""

from __future__ import annotations

from typing import Any

from .. import words
from ..measure import curve
from .base import READINGS, STRINGS, Kind, Sides

SENTENCES = {
    "en": {
        "curve-cross": "*{slow}* was {first} times as fast as *{fast}* at {smallest}, **{best} "
                       "times at {peak}**, its best. **From {crossover} on** *{fast}* won.",
        "curve-never": "*{slow}* was {first} times as fast as *{fast}* at {smallest}, **{best} "
                       "times at {peak}**, its best, and {last} times at {largest}: it was not "
                       "overtaken for good.",
        "curve-always": "*{fast}* was the faster at every size; *{slow}* came nearest at {peak}, "
                        "with {best} times its speed.",
    },
    "vi": {
        "curve-cross": "Tốc độ của *{slow}* so với *{fast}*: gấp {first} lần ở {smallest}, cao "
                       "nhất là **{best} lần ở {peak}**. **Từ {crossover} trở đi** *{fast}* "
                       "thắng.",
        "curve-never": "Tốc độ của *{slow}* so với *{fast}*: gấp {first} lần ở {smallest}, cao "
                       "nhất là **{best} lần ở {peak}**, và {last} lần ở {largest}: trong khoảng "
                       "này chưa bị vượt hẳn.",
        "curve-always": "*{fast}* nhanh hơn ở mọi kích thước; *{slow}* đến gần nhất ở {peak}, "
                        "bằng {best} lần tốc độ đó.",
    },
}
ALTS = {
    "en": "Two lines over the size: {first}; {second}. Crossover: {crossover}.",
    "vi": "Hai đường theo kích thước: {first}; {second}. Điểm cắt: {crossover}.",
}


class Curve(Kind):
    """``seconds`` has for each work a list of readings per size."""

    name = "curve"
    sentences, alts = SENTENCES, ALTS
    labels = {"en": {"size": "size"}, "vi": {"size": "kích thước"}}
    measure = staticmethod(curve)
    properties = {
        "devices": STRINGS,
        "works": {**STRINGS, "minItems": 2, "maxItems": 2,
                  "description": "the keys of seconds, in order"},
        "sizes": {"type": "array", "items": {"type": "number"}, "description": "rising"},
        "seconds": {"type": "object",
                    "additionalProperties": {"type": "array", "items": READINGS},
                    "description": "of each work, per size, each reading in the order taken"},
        "crossover": {"type": ["number", "null"], "description":
                      "the first size from which on the second work is the faster; of medians"}}
    required = ("devices", "works", "sizes", "seconds", "crossover", "page")

    def verdict(self, data: dict[str, Any]) -> str:
        slow, fast = words.medians(data).values()
        if all(b < a for a, b in zip(slow, fast)):
            return "curve-always"
        return "curve-cross" if data["crossover"] is not None else "curve-never"

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        slow, fast = words.names(data, language).values()
        gains = [b / a for a, b in zip(*words.medians(data).values())]
        peak = gains.index(max(gains))
        return {"slow": slow, "fast": fast, "smallest": data["sizes"][0],
                "largest": data["sizes"][-1], "first": words.number(gains[0], language),
                "best": words.number(gains[peak], language),
                "last": words.number(gains[-1], language), "peak": data["sizes"][peak],
                "crossover": data["crossover"]}

    def table(self, data: dict[str, Any], language: str) -> str:
        """The median of each work at each size."""
        names, seconds = words.names(data, language), words.medians(data)
        lines = [f"| {words.label('size', language)} | " + " | ".join(names.values()) + " |",
                 "|--:|" + "--:|" * len(names)]
        for i, size in enumerate(data["sizes"]):
            lines.append(f"| {size} | " + " | ".join(
                words.duration(seconds[name][i], language) for name in names) + " |")
        return "\n".join(lines)

    def alt(self, data: dict[str, Any], language: str) -> str:
        first, second = words.names(data, language).values()
        return self.alts[language].format(first=first, second=second,
                                          crossover=data["crossover"] or "–")

    def plot(self, data: dict[str, Any], language: str, prefix: str, alt: str) -> str:
        from .. import plots

        names = words.names(data, language)
        lines = {names[name]: values for name, values in words.medians(data).items()}
        return plots.curve_svg(data["sizes"], lines, {**words.labels(language), "alt": alt},
                               data["crossover"], prefix)

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """At each size, the second way over the first."""
        first, second = (data["seconds"][name] for name in data["works"])
        return {"gain_per_size": list(zip(second, first))}
