"""Who worked when: a profiler's trace."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import step, words
from ..compare import SAME
from ..measure import timeline
from ..trace import Bar, chrome_trace, natural_key, overlap, read_trace
from .base import NUMBER, STRINGS, Kind, Sides

SENTENCES = {
    "en": {
        "timeline-some": "At least one lane worked for {busy}, and **for {share} of that time two "
                         "or more did**.{alone}{lanes}",
        "timeline-none": "At least one lane worked for {busy}; two at the same time for {share} of "
                         "that time. **Next to nothing overlapped.**{lanes}",
        "timeline-empty": "The profiler recorded no operation.",
    },
    "vi": {
        "timeline-some": "Có ít nhất một làn làm việc trong {busy}, và **trong {share} thời gian "
                         "đó có từ hai làn trở lên cùng làm**.{alone}{lanes}",
        "timeline-none": "Có ít nhất một làn làm việc trong {busy}; hai làn cùng lúc chỉ chiếm "
                         "{share} thời gian đó. **Hầu như không có gì chồng lấp.**{lanes}",
        "timeline-empty": "Trình phân tích hiệu năng không ghi được thao tác nào.",
    },
}
#: Who worked alone.
ALONE = {"en": "Alone, *{lane}* worked for the longest: {seconds}.",
         "vi": "Làm việc một mình lâu nhất là *{lane}*: {seconds}."}
#: What a lane is, by how the profilers name it, and what a bar in it.
LANES = {
    "stream": re.compile(r"cuda:\d+ stream "),
    "thread": re.compile(r"thread \d+$"),
    "device": re.compile(r"[cg]pu\W\d+")}
MEANINGS = {
    "en": {"stream": "On a GPU a lane is a stream, and a bar a kernel or a copy.",
           "thread": "On the CPU a lane is a thread, and a bar an operator or a copy.",
           "device": "A lane is a device, and a bar an operation of the engine; a copy stands "
                     "with the device whose queue it was in."},
    "vi": {"stream": "Trên GPU, mỗi làn là một stream, mỗi thanh là một kernel hay một lần sao "
                     "chép.",
           "thread": "Trên CPU, mỗi làn là một luồng, mỗi thanh là một toán tử hay một lần sao "
                     "chép.",
           "device": "Mỗi làn là một thiết bị, mỗi thanh là một thao tác của bộ máy; lần sao chép "
                     "nằm ở làn của thiết bị có hàng đợi chứa nó."},
}
#: Why its times are not those of the readings; ``step`` where tasks mark the bars.
APART = {
    "en": {"run": "This is one run, with the profiler on; the readings are of other runs, without "
                  "it.",
           "step": "This is one training step, with the profiler on; the readings are of other "
                   "steps, without it."},
    "vi": {"run": "Đây là một lần chạy riêng, có bật trình phân tích hiệu năng; các lần đo là của "
                  "những lần chạy khác, không bật.",
           "step": "Đây là một bước huấn luyện riêng, có bật trình phân tích hiệu năng; các lần "
                   "đo là của những bước khác, không bật."},
}
#: What is said where tasks mark the bars.
MARKED = {
    "en": "Bars stand under the name of their task, lanes in the order of the figure's columns; a "
          "low bar is a copy.",
    "vi": "Thanh nằm dưới tên tác vụ của nó, các làn theo thứ tự các cột của hình; thanh thấp là "
          "một lần sao chép.",
}
ALTS = {
    "en": "Timeline with {lanes} lanes: {names}. Two or more work at the same time for {share} of "
          "the time.",
    "vi": "Dòng thời gian có {lanes} làn: {names}. Từ hai làn trở lên cùng làm việc trong "
          "{share} thời gian.",
}
#: The same of a single lane.
ALONE_ALTS = {"en": "Timeline with one lane: {names}.",
              "vi": "Dòng thời gian có một làn: {names}."}
LABELS = {
    "en": {"trace": "[Download the trace]({trace}) (JSON); "
                    "[ui.perfetto.dev](https://ui.perfetto.dev) shows it: *Open trace file*.",
           "compute": "computing", "copy": "copying",
           "enqueue": "enqueueing", "lane": "lane", "busy": "busy",
           "copies": "of it copying", "beside": "of it beside another lane"},
    "vi": {"trace": "[Tải vết thực thi]({trace}) (JSON); xem ở "
                    "[ui.perfetto.dev](https://ui.perfetto.dev): chọn *Open trace file*.",
           "compute": "tính toán",
           "copy": "sao chép", "enqueue": "xếp hàng", "lane": "làn", "busy": "bận",
           "copies": "trong đó sao chép", "beside": "trong đó cùng lúc với làn khác"},
}


class Timeline(Kind):
    """``bars`` are lists, each a `Bar`.  The site has them as a trace, a record as they are."""

    name = "timeline"
    part = "timelines"
    sentences, alts, labels = SENTENCES, ALTS, LABELS
    captions = {"en": "Lanes: {experiment}", "vi": "Các làn: {experiment}"}
    measure = staticmethod(timeline)
    properties = {
        "busy": {**NUMBER, "description": "seconds in which a lane works"},
        "shared": {**NUMBER, "description": "seconds in which two or more do"},
        "tasks": {"type": "array", "description":
                  "the graph whose tasks mark the bars; seconds: of work, when each was waited for",
                  "items": {
                      "type": "object", "required": ["name", "lane", "needs", "seconds"],
                      "properties": {"name": {"type": "string"}, "lane": {"type": "string"},
                                     "needs": STRINGS, "seconds": {**NUMBER, "minimum": 0}},
                      "additionalProperties": False}},
        "share": {**NUMBER, "minimum": 0, "maximum": 1, "description": "shared / busy"},
        "lanes": STRINGS,
        "trace": {"type": "string", "description":
                  "in measurements.json: a Chrome trace beside it, which Perfetto opens"},
        "bars": {"type": "array", "description":
                 "in a record: lane, operation, start, end, kind of each, and its task, if any",
                 "items": {
                     "type": "array", "minItems": 5, "maxItems": 6, "prefixItems": [
                         {"type": "string"}, {"type": "string"}, NUMBER, NUMBER,
                         {"enum": ["compute", "copy", "enqueue"]}, {"type": "string"}]}}}
    required = ("share",)

    def schema(self) -> dict[str, Any]:
        return {**super().schema(), "oneOf": [
            {"required": ["busy", "shared", "lanes", "trace", "page"]}, {"required": ["bars"]}]}

    def verdict(self, data: dict[str, Any]) -> str:
        if not data["bars"]:
            return "timeline-empty"
        return "timeline-some" if data["share"] >= SAME else "timeline-none"

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        lanes = _beside(_seen(data))
        alone = {lane: busy - beside for lane, (busy, _, beside) in lanes.items()}
        longest = max(alone, key=alone.__getitem__, default="")
        return {"busy": words.duration(data["busy"], language),
                "share": words.percent(data["share"], language),
                "alone": words.more(ALONE[language].format(
                    lane=longest, seconds=words.duration(alone[longest], language)))
                if longest and alone[longest] >= data["busy"] / 100 else "",
                "lanes": words.more(APART[language]["step" if data.get("tasks") else "run"],
                                    *(meaning for name, meaning in MEANINGS[language].items()
                                      if any(LANES[name].match(lane)
                                             for lane in _lanes(_trace_bars(data)))),
                                    *([MARKED[language]] if data.get("tasks") else []))}

    def table(self, data: dict[str, Any], language: str) -> str:
        """How long each lane worked, and how much of that it copied, and was not alone."""
        lanes = _beside(_seen(data))
        if len(lanes) < 2:
            return ""
        lines = ["| " + " | ".join(words.label(name, language) for name in (
            "lane", "busy", "copies", "beside")) + " |", "|---|--:|--:|--:|"]
        for lane, (busy, *parts) in lanes.items():
            lines.append(f"| {lane} | {words.duration(busy, language)} | " + " | ".join(
                words.percent(part / busy if busy else 0.0, language) for part in parts) + " |")
        return "\n".join(lines)

    def alt(self, data: dict[str, Any], language: str) -> str:
        lanes = _lanes(_seen(data))
        alts = self.alts if len(lanes) > 1 else ALONE_ALTS
        return alts[language].format(
            lanes=len(lanes), names=", ".join(lanes),
            share=words.percent(data["share"], language)) if lanes else ""

    def plot(self, data: dict[str, Any], language: str, prefix: str, alt: str) -> str:
        if data.get("tasks"):
            return step.drawing(data, language, prefix, alt)
        from .. import plots

        return plots.timeline_svg(_trace_bars(data), {**words.labels(language), "alt": alt}, prefix)

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """The part of the busy time in which two lanes or more work."""
        return {"share": [([data["share"]], [1.0])]}

    def trace_name(self, data: dict[str, Any]) -> str:
        return f"traces/{data['framework']}-{data['experiment']}.json"

    def traces(self, data: dict[str, Any]) -> dict[str, Any]:
        return {self.trace_name(data): chrome_trace(_trace_bars(data))}

    def published(self, data: dict[str, Any]) -> dict[str, Any]:
        entry = {key: value for key, value in data.items() if key != "bars"}
        return {**entry, "lanes": _lanes(_trace_bars(data)), "trace": self.trace_name(data)}

    def recorded(self, entry: dict[str, Any], site: Path | None = None) -> dict[str, Any]:
        bars = read_trace(site / entry["trace"]) if site else _trace_bars(entry)
        kept = ("framework", "experiment", "kind", "share", "tasks")
        return {**{key: entry[key] for key in kept if key in entry},
                "bars": [[b.lane, b.name, round(b.start, 6), round(b.end, 6), b.kind,
                          *([b.task] if b.task else [])] for b in bars]}


def _trace_bars(data: dict[str, Any]) -> list[Bar]:
    """As `_seen`, numbers of threads too, but lanes without their columns: what a trace holds."""
    return [replace(bar, lane=bar.lane.rpartition(": ")[2]) for bar in _seen(data)]


def _seen(data: dict[str, Any]) -> list[Bar]:
    """As a reader sees the lanes: where tasks mark the bars, by the graph's columns."""
    bars = [Bar(*bar) for bar in data["bars"]]
    if data.get("tasks"):
        return step.placed(bars, step.tasks_of(data))
    return sorted(bars, key=lambda bar: natural_key(bar.lane))


def _lanes(bars: list[Bar]) -> list[str]:
    """Each lane once, in the order of the bars."""
    return list(dict.fromkeys(bar.lane for bar in bars))


def _beside(bars: list[Bar]) -> dict[str, tuple[float, float, float]]:
    """Per lane, in seconds: work; copying; work while another lane works too."""
    def busy(chosen: list[Bar]) -> float:
        return overlap(chosen)["busy"]

    every, shares = busy(bars), {}
    for lane in _lanes(bars):
        own = [bar for bar in bars if bar.lane == lane]
        rest = [bar for bar in bars if bar.lane != lane]
        shares[lane] = (busy(own), busy([bar for bar in own if bar.kind == "copy"]),
                        busy(own) + busy(rest) - every)
    return shares
