"""How numbers are said in each of the book's languages: what all kinds of evidence share.

The sentences of a kind are in its module of `evidence.kinds`.  No function here measures.
"""

from __future__ import annotations

from statistics import median, quantiles
from types import ModuleType
from typing import Any

#: A ratio within this of 1 is no difference; half of the readings spread over more than
#: `NOISY` of their median are no measurement.
SAME, NOISY = 0.1, 0.25

SENTENCES = {
    "en": {
        "noisy": "The readings of *{what}* scatter too much for a verdict: the middle half of "
                 "them spans {spread} of their median. Let the machine rest and build again.",
    },
    "vi": {
        "noisy": "Các lần đo *{what}* phân tán quá nên chưa thể kết luận: 50% ở giữa trải rộng "
                 "bằng {spread} trung vị. Hãy để máy rảnh rồi dựng lại trang.",
    },
}

#: Words of tables and plots, of the works that cells name, and of the experiments.
LABELS = {
    "en": {"decimal": ".", "quantity": "quantity", "median": "median", "middle": "middle half",
           "speedup": "speed-up", "efficiency": "efficiency", "milliseconds": "milliseconds",
           "seconds": "seconds",
           "run": "compute", "copying": "copy", "waiting": "a wait after every step",
           "two-devices": "two devices", "two-devices-one-thread": "two devices, one thread",
           "run-and-copy": "compute and copy", "run-and-copy-aside": "compute and copy aside",
           "mlp": "MLP", "one_worker": "one worker", "two_workers": "two workers",
           "few_slots": "default slots", "many_slots": "slots for all", "in_turn": "in turn",
           "side_by_side": "side by side", "at_once": "at once", "per_core": "one per core",
           "all_cores": "all cores", "one-device": "one device",
           "temporary-space": "temporary space", "operator-size": "operator size",
           "three-at-once": "three at once"},
    "vi": {"decimal": ",", "quantity": "đại lượng", "median": "trung vị", "middle": "50% ở giữa",
           "speedup": "mức tăng tốc", "efficiency": "hiệu suất", "milliseconds": "mili giây",
           "seconds": "giây",
           "run": "tính", "copying": "sao chép", "waiting": "chờ sau mỗi bước",
           "automatic": "tự động", "sequential": "tuần tự", "parallel": "song song",
           "two-devices": "hai thiết bị", "two-devices-one-thread": "hai thiết bị, một luồng",
           "run-and-copy": "tính và sao chép", "run-and-copy-aside": "tính và sao chép riêng",
           "mlp": "MLP", "one_worker": "một luồng thợ", "two_workers": "hai luồng thợ",
           "few_slots": "số ô mặc định", "many_slots": "đủ ô nhớ", "in_turn": "lần lượt",
           "side_by_side": "song song", "at_once": "cùng lúc",
           "per_core": "mỗi lõi một phép", "all_cores": "mọi lõi một phép",
           "one-device": "một thiết bị", "temporary-space": "vùng nhớ tạm",
           "operator-size": "kích thước toán tử", "three-at-once": "ba việc cùng lúc",
           "diamonds": "dãy hình thoi", "tree": "cây", "pipeline": "đường ống"},
}


MS = "\u00a0ms"  # a number and its unit stay on one line


def number(value: float, language: str, digits: int = 2) -> str:
    """A number with the language's decimal sign."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "vi" else text


def duration(seconds: float, language: str) -> str:
    """Seconds as milliseconds with three figures."""
    value = seconds * 1000
    return number(value, language, 0 if value >= 100 else 1 if value >= 10 else 2) + MS


def percent(value: float, language: str) -> str:
    """A share; a share that is not all of it never reads 100%."""
    return f"{min(value, 0.99) if value < 1 else value:.0%}"


def labels(language: str) -> dict[str, str]:
    """`LABELS` and the words that each kind adds."""
    return {**LABELS[language], **{name: text for kind in _kinds().KINDS.values()
                                   for name, text in kind.labels[language].items()}}


def label(name: str, language: str) -> str:
    """The word for what a cell calls ``name``; itself where it needs none."""
    return labels(language).get(name, name)


def middle(seconds: list[float]) -> tuple[float, float]:
    """The first and the third quartile."""
    low, _, high = quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else (
        [seconds[0]] * 3)
    return low, high


def spread(seconds: list[float]) -> float:
    """The middle half's width over the median."""
    low, high = middle(seconds)
    return (high - low) / median(seconds)


def noisiest(data: dict[str, Any]) -> tuple[str, float]:
    """The work whose readings spread most: its name and that spread."""
    return max(((name, spread(values)) for name, values in data["seconds"].items()),
               key=lambda item: item[1])


def is_noisy(data: dict[str, Any]) -> bool:
    """Whether the readings of any work scatter too much for a verdict."""
    return noisiest(data)[1] > NOISY


def medians(data: dict[str, Any]) -> dict[str, Any]:
    """Per work, in order: the median of its readings, or of each list of them."""
    return {name: [median(readings) for readings in data["seconds"][name]]
            if isinstance(data["seconds"][name][0], list) else median(data["seconds"][name])
            for name in data["works"]}


def names(data: dict[str, Any], language: str) -> dict[str, str]:
    """What a reader calls each work of ``data["seconds"]``."""
    return {name: label(name, language) for name in data["works"]}


def verdict(data: dict[str, Any]) -> str:
    """Which sentence the numbers earn."""
    return _kinds().of(data).verdict(data)


def sentences(language: str) -> dict[str, str]:
    """Every sentence, by its branch."""
    return {**SENTENCES[language], **{branch: text for kind in _kinds().KINDS.values()
                                      for branch, text in kind.sentences[language].items()}}


def sentence(data: dict[str, Any], language: str) -> str:
    """The sentence that ``data`` earns, in Markdown."""
    kind = _kinds().of(data)
    text = sentences(language)[kind.verdict(data)].format(**kind.facts(data, language)).strip()
    return text[:2].upper() + text[2:] if text.startswith("*") else text  # began with a name


def _kinds() -> ModuleType:
    from . import kinds  # they import this module

    return kinds
