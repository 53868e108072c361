"""Two ways over a range of sizes: from which size on is the second the faster?"""

from __future__ import annotations

from math import exp, inf, log
from statistics import median
from typing import Any

from .. import words
from ..compare import compare, interval
from ..measure import crossover, curve
from .base import EARLIER, NUMBER, READINGS, STRINGS, Kind, Sides

SENTENCES = {
    "en": {
        "curve-cross": "*{slow}* was the faster at {wins}; most clearly at {peak}: **between {low} "
                       "and {high} times as fast**. **From {crossover} on** *{fast}* won."
                       "{ahead}{open}",
        "curve-never": "*{slow}* was the faster at {wins}; most clearly at {peak}: **between {low} "
                       "and {high} times as fast**. Up to {largest} it was not overtaken for "
                       "good.{ahead}{open}",
        "curve-always": "*{fast}* was the faster at every size; least clearly at {peak}: between "
                        "{low} and {high} times as fast.",
        "curve-late": "At no size was *{slow}* shown to be the faster. **From {crossover} on** "
                      "*{fast}* won.{ahead}{open}",
        "curve-none": "At no size was *{slow}* shown to be the faster, nor is there a size from "
                      "which on *{fast}* always was.{ahead}{open}",
        "curve-open": "**No verdict**: at no size do the readings decide whether *{slow}* is "
                      "faster than *{fast}*. {again}",
    },
    "vi": {
        "curve-cross": "*{slow}* nhanh hơn ở {wins}; rõ nhất ở {peak}: **nhanh gấp từ {low} đến "
                       "{high} lần**. **Từ {crossover} trở đi** *{fast}* thắng."
                       "{ahead}{open}",
        "curve-never": "*{slow}* nhanh hơn ở {wins}; rõ nhất ở {peak}: **nhanh gấp từ {low} đến "
                       "{high} lần**. Cho đến {largest} vẫn chưa bị vượt hẳn.{ahead}{open}",
        "curve-always": "*{fast}* nhanh hơn ở mọi kích thước; kém rõ nhất ở {peak}: nhanh gấp từ "
                        "{low} đến {high} lần.",
        "curve-late": "Không có kích thước nào cho thấy *{slow}* nhanh hơn. **Từ {crossover} trở "
                      "đi** *{fast}* thắng.{ahead}{open}",
        "curve-none": "Không có kích thước nào cho thấy *{slow}* nhanh hơn, cũng không có kích "
                      "thước nào để từ đó *{fast}* luôn nhanh hơn.{ahead}{open}",
        "curve-open": "**Chưa thể kết luận**: không ở kích thước nào các lần đo cho biết *{slow}* "
                      "có nhanh hơn *{fast}* hay không. {again}",
    },
}
#: What is said of sizes at which the second way won, but not from there on.
AHEAD = {"en": "At {sizes} *{fast}* was the faster.",
         "vi": "Ở {sizes}, *{fast}* nhanh hơn."}
#: What is said of sizes whose readings decide nothing.
OPEN = {"en": "At {sizes} the readings decide nothing.",
        "vi": "Ở {sizes}, các lần đo chưa cho phép kết luận."}
ALTS = {
    "en": "Two lines of medians over the size: {first}; {second}. Where the readings show them to "
          "cross: {crossings}.",
    "vi": "Hai đường trung vị theo kích thước: {first}; {second}. Chỗ cắt nhau theo các lần đo: "
          "{crossings}.",
}


class Curve(Kind):
    """``seconds`` has for each work a list of readings per size."""

    name = "curve"
    sentences, alts = SENTENCES, ALTS
    labels = {"en": {"size": "size", "ratio": "ratio",
                     "rate": "billion operations per second"},
              "vi": {"size": "kích thước", "ratio": "tỉ số", "rate": "tỉ phép tính mỗi giây"}}
    captions = {"en": "Medians by size: {experiment}",
                "vi": "Trung vị theo kích thước: {experiment}"}
    measure = staticmethod(curve)
    properties = {
        "devices": STRINGS,
        "works": {**STRINGS, "minItems": 2, "maxItems": 2,
                  "description": "the keys of seconds, in order"},
        "sizes": {"type": "array", "items": {"type": "number"}, "description": "rising"},
        "seconds": {"type": "object",
                    "additionalProperties": {"type": "array", "items": READINGS},
                    "description": "of each work, per size, each reading in the order taken"},
        "amounts": {"type": "array", "items": NUMBER,
                    "description": "operations that a work of each size does"},
        "earlier": {"type": "object", "additionalProperties": {
            "type": "array", "items": {**READINGS, "minItems": 0}},
            "description": f"per size {EARLIER}"},
        "crossover": {"type": ["number", "null"], "description":
                      "the first size from which on the second work is shown to be the faster; "
                      "in older records of medians"}}
    required = ("devices", "works", "sizes", "seconds", "crossover", "page")

    def verdict(self, data: dict[str, Any]) -> str:
        comparisons, cross = _comparisons(data), _crossover(data)
        if "few" in comparisons:
            return "few"
        if set(comparisons) == {"open"}:
            return "curve-open"
        if "gain" in comparisons:
            return "curve-cross" if cross is not None else "curve-never"
        if set(comparisons) == {"loss"}:
            return "curve-always"
        return "curve-late" if cross is not None else "curve-none"

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        slow, fast = words.names(data, language).values()
        sizes, comparisons = data["sizes"], _comparisons(data)
        sides = self.ratios(data)["gain_per_size"]
        if set(comparisons) == {"loss"}:  # of the second way, then
            sides = [(b, a) for a, b in sides]
            peak = min(range(len(sizes)), key=lambda place: interval(*sides[place])[0])
        else:
            peak = max(range(len(sizes)), key=lambda place: interval(*sides[place])[0])
        low, high = interval(*sides[peak])
        cross = _crossover(data)

        def those(wanted: str, end: float = inf) -> str:
            return words.series(size for size, comparison in zip(sizes, comparisons)
                                if comparison == wanted and size < end)

        ahead, unclear = those("loss", inf if cross is None else cross), those("open")
        return {"slow": slow, "fast": fast, "largest": sizes[-1], "peak": sizes[peak],
                "wins": those("gain"), "crossover": cross,
                "ahead": ahead and words.more(AHEAD[language].format(sizes=ahead, fast=fast)),
                "open": unclear and words.more(OPEN[language].format(sizes=unclear)),
                "low": words.number(low, language), "high": words.number(high, language),
                **words.refusal(language, count=min(len(side) for pair in sides for side in pair))}

    def table(self, data: dict[str, Any], language: str) -> str:
        """At each size the median of each work, and their ratio with its interval."""
        names, seconds = words.names(data, language), words.medians(data)
        lines = [f"| {words.label('size', language)} | " + " | ".join(names.values())
                 + f" | {words.label('ratio', language)} |", "|--:|" + "--:|" * len(names) + "--:|"]
        for i, (size, sides) in enumerate(zip(data["sizes"], self.ratios(data)["gain_per_size"])):
            low, high = interval(*sides)
            ratio = f"{words.number(_ratio(sides), language)} ({words.span(low, high, language)})"
            lines.append(f"| {size} | " + " | ".join(
                words.duration(seconds[name][i], language) for name in names)
                + f" | {ratio.removesuffix(' ()')} |")
        return "\n".join(lines)

    def alt(self, data: dict[str, Any], language: str) -> str:
        first, second = words.names(data, language).values()
        near = [words.number(size, language, 0) for size in _crossings(data)]
        return self.alts[language].format(first=first, second=second,
                                          crossings="; ".join(near) or "–")

    def plot(self, data: dict[str, Any], language: str, prefix: str, alt: str) -> str:
        from .. import plots

        names, say = words.names(data, language), words.labels(language)
        lines = {names[name]: [1000 * value for value in values]
                 for name, values in words.medians(data).items()}
        unit = say["milliseconds"]
        if "amounts" in data:  # in a millisecond, a million is as many as a billion in a second
            lines = {name: [amount / value / 1e6 for amount, value in zip(data["amounts"], values)]
                     for name, values in lines.items()}
            unit = say["rate"]
        return plots.curve_svg(data["sizes"], lines, {**say, "alt": alt, "unit": unit},
                               _crossings(data), prefix)

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """At each size, the second way over the first."""
        first, second = (data["seconds"][name] for name in data["works"])
        return {"gain_per_size": list(zip(second, first))}


def _comparisons(data: dict[str, Any]) -> list[str]:
    """At each size, whether the first way gains over the second."""
    first, second = (data["seconds"][name] for name in data["works"])
    return [compare(b, a) for a, b in zip(first, second)]


def _crossover(data: dict[str, Any]) -> float | None:
    """From the readings: what the first records call so is of medians."""
    return crossover(data["sizes"], *(data["seconds"][name] for name in data["works"]))


def _crossings(data: dict[str, Any]) -> list[float]:
    """The sizes at which the lines of the plot, straight between logarithms, cross.

    Only those between two sizes at which the readings decide: medians alone cross by chance.
    """
    comparisons = _comparisons(data)
    (_, first), (_, second) = words.medians(data).items()
    points = [(log(size), log(a / b)) for size, a, b in zip(data["sizes"], first, second)]
    return [exp(x1 + (x2 - x1) * y1 / (y1 - y2))
            for (x1, y1), (x2, y2), *sides in zip(
                points, points[1:], comparisons, comparisons[1:])
            if sorted(sides) == ["gain", "loss"]]


def _ratio(sides: Sides) -> float:
    return median(sides[0]) / median(sides[1])
