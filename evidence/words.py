"""How numbers are said in each of the book's languages: what all kinds of evidence share.

The sentences of a kind are in its module of `evidence.kinds`.  No function here measures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median
from types import ModuleType
from typing import Any

from .compare import ENOUGH, ERROR, REFUSED

SENTENCES = {
    "en": {
        "open": "**No verdict**: the readings do not decide whether *{fast}* is faster than "
                "*{slow}*. The ratio of the medians is {speedup}; with {certainty} certainty "
                "the true one lies between {low} and {high}. {again}",
        "few": "**No verdict**: too few readings ({count}). From {enough} of each on they can "
               "decide; take seven (`repeats=7`).",
    },
    "vi": {
        "open": "**Chưa thể kết luận**: các lần đo chưa cho biết *{fast}* có nhanh hơn *{slow}* "
                "hay không. Tỉ số các trung vị là {speedup}; với độ tin cậy {certainty}, tỉ số "
                "thật nằm giữa {low} và {high}. {again}",
        "few": "**Chưa thể kết luận**: quá ít lần đo ({count}). Từ {enough} lần cho mỗi bên mới "
               "có thể kết luận; hãy đo bảy lần (`repeats=7`).",
    },
}

#: What to do where readings decide nothing.
AGAIN = {
    "en": "Let the machine rest, then measure again: `make html FRESH=1`, or this cell where it "
          "runs in a notebook.",
    "vi": "Hãy để máy rảnh rồi đo lại: `make html FRESH=1`; trong notebook thì chạy lại ô mã này.",
}
#: What is added where a part of the readings was taken twice.
TWICE = {
    "en": "What the first readings left open was measured once more.",
    "vi": "Những gì loạt đo đầu chưa quyết định được đã được đo thêm một lần.",
}
#: What a reading is of, by experiment, where the page has pictures of less.
READING = {
    "en": {"mlp": "Each reading is of three training steps."},
    "vi": {"mlp": "Mỗi lần đo gồm ba bước huấn luyện."},
}
#: What leads where this machine earned no verdict and one on record did.
RECORDED = {
    "en": "On record, *{machine}* ({date}): {verdict}\n\nThis run: {own}",
    "vi": "Theo số liệu đã lưu của *{machine}* ({date}): {verdict}\n\nLần chạy này: {own}",
}
#: The rule that all verdicts keep to.
RULE = {
    "en": "Two ways are told apart by the Mann-Whitney test on their readings (exact, two-sided): "
          "of two that are equally fast it calls one the faster at most {error} of the time, and "
          "at most {twice} where it was measured once more. The interval beside a ratio holds "
          "the ratios that the test does not refuse ({certainty}); the one beside a median runs "
          "from the least reading to the largest (98% for seven). *No difference*: the medians "
          "differ by a tenth at most, even if the test tells them apart; where it does not, the "
          "interval of their ratio keeps within a fifth of 1. *No verdict*: otherwise, where "
          "that interval leaves open which way is the faster.",
    "vi": "Hai cách làm được phân biệt bằng kiểm định Mann-Whitney trên các lần đo (chính xác, "
          "hai phía): nếu thật ra nhanh như nhau thì khả năng một bên bị coi là nhanh hơn không "
          "quá {error}, và không quá {twice} khi phải đo thêm một lần. Khoảng bên cạnh một tỉ số "
          "gồm các tỉ số mà kiểm định không bác bỏ ({certainty}); khoảng bên cạnh một trung vị "
          "đi từ lần đo nhỏ nhất đến lần đo lớn nhất (98% với bảy lần đo). *Không khác nhau*: "
          "hai trung vị chênh nhau tối đa một phần mười, kể cả khi kiểm định phân biệt được "
          "chúng; khi không phân biệt được thì khoảng của tỉ số phải lệch khỏi 1 tối đa một phần "
          "năm. *Chưa thể kết luận*: các trường hợp khác mà khoảng đó chưa cho biết cách nào "
          "nhanh hơn.",
}

#: Words of tables and plots, of the works that cells name, and of the experiments.
LABELS = {
    "en": {"decimal": ".", "quantity": "quantity", "median": "median", "interval": "interval",
           "refused": "no verdict",
           "speedup": "speed-up", "efficiency": "efficiency", "milliseconds": "milliseconds",
           "seconds": "seconds",
           "run": "compute", "copying": "copy", "waiting": "a wait after every task",
           "two-devices": "two devices", "two-devices-one-thread": "two devices, one thread",
           "run-and-copy": "compute and copy", "run-and-copy-aside": "compute and copy aside",
           "mlp": "MLP", "one_worker": "one worker", "two_workers": "two workers",
           "few_slots": "default slots", "many_slots": "slots for all", "in_turn": "in turn",
           "side_by_side": "side by side", "at_once": "at the same time",
           "per_core": "one per core", "all_cores": "all cores", "one-device": "one device",
           "temporary-space": "temporary space", "operator-size": "operator size",
           "three-at-once": "three at the same time"},
    "vi": {"decimal": ",", "quantity": "đại lượng", "median": "trung vị", "interval": "khoảng",
           "refused": "chưa thể kết luận",
           "speedup": "mức tăng tốc", "efficiency": "hiệu suất", "milliseconds": "mili giây",
           "seconds": "giây",
           "run": "tính", "copying": "sao chép", "waiting": "chờ sau mỗi tác vụ",
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
    """A share; one that is not all of it never reads 100%, and none reads more."""
    return f"{min(value, 0.99) if value < 1 else 1:.0%}"


def span(low: float, high: float, language: str) -> str:
    """An interval of ratios; "" where there is none."""
    return "" if math.isinf(high) else f"{number(low, language)}–{number(high, language)}"


def series(values: Iterable[Any]) -> str:
    """``values`` one after the other."""
    return ", ".join(map(str, values))


def labels(language: str) -> dict[str, str]:
    """`LABELS` and the words that each kind adds."""
    return {**LABELS[language], **{name: text for kind in _kinds().KINDS.values()
                                   for name, text in kind.labels[language].items()}}


def label(name: str, language: str) -> str:
    """The word for what a cell calls ``name``; itself where it needs none."""
    return labels(language).get(name, name)


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
    if text.startswith("*"):  # began with a name
        text = text[:2].upper() + text[2:]
    if "seconds" in data and data.get("experiment") in READING[language]:
        text += more(READING[language][data["experiment"]])
    return text + more(TWICE[language]) if data.get("earlier") else text


def is_refused(data: dict[str, Any]) -> bool:
    """Whether the readings earn no verdict."""
    return verdict(data).rpartition("-")[2] in REFUSED


def rule(language: str) -> str:
    """`RULE`, with its numbers."""
    return RULE[language].format(certainty=certainty(language), error=percent(ERROR, language),
                                 twice=percent(2 * ERROR, language))


def certainty(language: str) -> str:
    return percent(1 - ERROR, language)


def refusal(language: str, **facts: Any) -> dict[str, Any]:
    """What the sentences of a refused verdict name, with ``facts`` of the kind."""
    return {"certainty": certainty(language), "enough": ENOUGH, "again": AGAIN[language], **facts}


def more(*sentences: str) -> str:
    """Sentences to put behind another."""
    return "".join(f" {sentence}" for sentence in sentences)


def _kinds() -> ModuleType:
    from . import kinds  # they import this module

    return kinds
