"""What the numbers say, in each of the book's languages.  No function here measures."""

from __future__ import annotations

from statistics import median, quantiles

#: A ratio within this of 1 is no difference; half of the readings spread over more than
#: `NOISY` of their median are no measurement.
SAME, NOISY = 0.1, 0.25

SENTENCES = {
    "en": {
        "noisy": "The readings of *{what}* scatter too much for a verdict: the middle half of "
                 "them spans {spread} of their median. Let the machine rest and build again.",
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
        "versus-gain": "*{slow}* took {first}, *{fast}* {second}: **{speedup} times as fast**.",
        "versus-none": "*{slow}* took {first}, *{fast}* {second}: **no difference worth the "
                       "name** (ratio {speedup}).",
        "versus-loss": "*{slow}* took {first}, *{fast}* {second}: **a loss** (ratio {speedup}).",
        "curve-cross": "*{slow}* was {first} times as fast as *{fast}* at {smallest}, **{best} "
                       "times at {peak}**, its best. **From {crossover} on** *{fast}* won.",
        "curve-never": "*{slow}* was {first} times as fast as *{fast}* at {smallest}, **{best} "
                       "times at {peak}**, its best, and {last} times at {largest}: it was not "
                       "overtaken for good.",
        "curve-always": "*{fast}* was the faster at every size; *{slow}* came nearest at {peak}, "
                        "with {best} times its speed.",
        "bound-near": "*{slow}* took {first}, *{fast}* {second}: **{speedup} times as fast**. No "
                      "schedule can beat {limit}; this one took {over} times that.",
        "bound-far": "*{slow}* took {first}, *{fast}* {second}: a ratio of **{speedup}**. The "
                     "bound is {limit}, and {over} times that was needed: the rest went into "
                     "waiting, copies and the cores that the tasks share.",
        "timeline-some": "At least one lane worked for {busy}, and **for {share} of that time two "
                         "or more did**.",
        "timeline-none": "At least one lane worked for {busy}; two at once for {share} of that "
                         "time. **Next to nothing overlapped.**",
        "timeline-empty": "The profiler recorded no operation.",
    },
    "vi": {
        "noisy": "Các lần đo *{what}* phân tán quá nên chưa thể kết luận: 50% ở giữa trải rộng "
                 "bằng {spread} trung vị. Hãy để máy rảnh rồi dựng lại trang.",
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
        "versus-gain": "*{slow}* mất {first}, *{fast}* mất {second}: **nhanh gấp {speedup} lần**.",
        "versus-none": "*{slow}* mất {first}, *{fast}* mất {second}: **không khác nhau đáng kể** "
                       "(tỉ số {speedup}).",
        "versus-loss": "*{slow}* mất {first}, *{fast}* mất {second}: **còn chậm hơn** (tỉ số "
                       "{speedup}).",
        "curve-cross": "Tốc độ của *{slow}* so với *{fast}*: gấp {first} lần ở {smallest}, cao "
                       "nhất là **{best} lần ở {peak}**. **Từ {crossover} trở đi** *{fast}* "
                       "thắng.",
        "curve-never": "Tốc độ của *{slow}* so với *{fast}*: gấp {first} lần ở {smallest}, cao "
                       "nhất là **{best} lần ở {peak}**, và {last} lần ở {largest}: trong khoảng "
                       "này chưa bị vượt hẳn.",
        "curve-always": "*{fast}* nhanh hơn ở mọi kích thước; *{slow}* đến gần nhất ở {peak}, "
                        "bằng {best} lần tốc độ đó.",
        "bound-near": "*{slow}* mất {first}, *{fast}* mất {second}: **nhanh gấp {speedup} lần**. "
                      "Không cách định thời nào dưới {limit} được; lần chạy này mất gấp {over} lần "
                      "mức đó.",
        "bound-far": "*{slow}* mất {first}, *{fast}* mất {second}: tỉ số **{speedup}**. Cận dưới "
                     "là {limit}, còn ở đây cần gấp {over} lần: phần dôi ra là thời gian chờ, sao "
                     "chép và tranh nhau các lõi.",
        "timeline-some": "Có ít nhất một làn làm việc trong {busy}, và **trong {share} thời gian "
                         "đó có từ hai làn trở lên cùng làm**.",
        "timeline-none": "Có ít nhất một làn làm việc trong {busy}; hai làn cùng lúc chỉ chiếm "
                         "{share} thời gian đó. **Hầu như không có gì chồng lấp.**",
        "timeline-empty": "Trình phân tích hiệu năng không ghi được thao tác nào.",
    },
}

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

#: Words of tables and plots, of the works that cells name, and of the experiments.
LABELS = {
    "en": {"decimal": ".", "quantity": "quantity", "sum": "one after the other",
           "limit": "the larger (limit)",
           "both": "together", "median": "median", "middle": "middle half",
           "speedup": "speed-up", "efficiency": "efficiency", "bound": "bound", "size": "size",
           "trace": "Trace for Perfetto (JSON)", "milliseconds": "milliseconds",
           "seconds": "seconds", "compute": "computing", "copy": "copying",
           "enqueue": "enqueueing", "lane": "lane", "busy": "busy",
           "beside": "of it beside another lane",
           "run": "compute", "copying": "copy", "waiting": "a wait after every step",
           "two-devices": "two devices", "two-devices-one-thread": "two devices, one thread",
           "run-and-copy": "compute and copy", "run-and-copy-aside": "compute and copy aside",
           "mlp": "MLP", "one_worker": "one worker", "two_workers": "two workers",
           "few_slots": "four slots", "many_slots": "slots for all", "in_turn": "in turn",
           "side_by_side": "side by side", "at_once": "at once", "per_core": "one per core",
           "all_cores": "all cores", "one-device": "one device",
           "temporary-space": "temporary space", "operator-size": "operator size",
           "three-at-once": "three at once"},
    "vi": {"decimal": ",", "quantity": "đại lượng", "sum": "lần lượt",
           "limit": "phần lâu hơn (giới hạn)",
           "both": "cùng lúc", "median": "trung vị", "middle": "50% ở giữa",
           "speedup": "mức tăng tốc", "efficiency": "hiệu suất", "bound": "cận dưới",
           "size": "kích thước", "trace": "Vết thực thi cho Perfetto (JSON)",
           "milliseconds": "mili giây", "seconds": "giây", "compute": "tính toán",
           "copy": "sao chép", "enqueue": "xếp hàng", "lane": "làn", "busy": "bận",
           "beside": "trong đó bên cạnh làn khác",
           "run": "tính", "copying": "sao chép", "waiting": "chờ sau mỗi bước",
           "automatic": "tự động", "sequential": "tuần tự", "parallel": "song song",
           "two-devices": "hai thiết bị", "two-devices-one-thread": "hai thiết bị, một luồng",
           "run-and-copy": "tính và sao chép", "run-and-copy-aside": "tính và sao chép riêng",
           "mlp": "MLP", "one_worker": "một luồng thợ", "two_workers": "hai luồng thợ",
           "few_slots": "bốn ô nhớ", "many_slots": "đủ ô nhớ", "in_turn": "lần lượt",
           "side_by_side": "song song", "at_once": "cùng lúc",
           "per_core": "mỗi lõi một phép", "all_cores": "mọi lõi một phép",
           "one-device": "một thiết bị", "temporary-space": "vùng nhớ tạm",
           "operator-size": "kích thước toán tử", "three-at-once": "ba việc cùng lúc",
           "diamonds": "dãy hình thoi", "tree": "cây", "pipeline": "đường ống"},
}

ALTS = {
    "en": {"pair": "Each reading as a dot, the medians as bars: {first}; {second}; together, "
                   "beside the sum and the limit. Speed-up {speedup}.",
           "timeline": "Timeline with {lanes} lanes: {names}. Two or more work at once for "
                       "{share} of the time.",
           "versus": "Each reading as a dot, the medians as bars: {first}; {second}. "
                     "Speed-up {speedup}.",
           "curve": "Two lines over the size: {first}; {second}. Crossover: {crossover}."},
    "vi": {"pair": "Mỗi lần đo là một chấm, trung vị là vạch: {first}; {second}; cùng lúc, bên "
                   "cạnh tổng và giới hạn. Mức tăng tốc {speedup}.",
           "timeline": "Dòng thời gian có {lanes} làn: {names}. Từ hai làn trở lên cùng làm việc "
                       "trong {share} thời gian.",
           "versus": "Mỗi lần đo là một chấm, trung vị là vạch: {first}; {second}. "
                     "Mức tăng tốc {speedup}.",
           "curve": "Hai đường theo kích thước: {first}; {second}. Điểm cắt: {crossover}."},
}


MS = "\u00a0ms"  # a number and its unit stay on one line


def number(value, language, digits=2):
    """A number with the language's decimal sign."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "vi" else text


def duration(seconds, language):
    """Seconds as milliseconds with three figures."""
    value = seconds * 1000
    return number(value, language, 0 if value >= 100 else 1 if value >= 10 else 2) + MS


def percent(value, language):
    """A share; a share that is not all of it never reads 100%."""
    return f"{min(value, 0.99) if value < 1 else value:.0%}"


def label(name, language):
    """The word for what a cell calls ``name``; itself where it needs none."""
    return LABELS[language].get(name, name)


def middle(seconds):
    """The first and the third quartile."""
    low, _, high = quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else (
        [seconds[0]] * 3)
    return low, high


def spread(seconds):
    """The middle half's width over the median."""
    low, high = middle(seconds)
    return (high - low) / median(seconds)


def verdict(data):
    """Which sentence the numbers of a pair, a versus, a curve, a bound, a timeline earn."""
    kind = data["kind"]
    if kind == "timeline":
        if not data["bars"]:
            return "timeline-empty"
        return "timeline-some" if data["share"] >= SAME else "timeline-none"
    if kind == "curve":
        slow, fast = medians(data).values()
        if all(b < a for a, b in zip(slow, fast)):
            return "curve-always"
        return "curve-cross" if data["crossover"] is not None else "curve-never"
    if noisiest(data)[1] > NOISY:
        return "noisy"
    if kind == "bound":
        return "bound-near" if data["efficiency"] >= 1 / 1.3 else "bound-far"
    if data["speedup"] < 1 - SAME:
        return f"{kind}-loss"
    if kind == "versus":
        return "versus-gain" if data["speedup"] > 1 + SAME else "versus-none"
    if data["speedup"] / data["efficiency"] < 1 + 2 * SAME:
        return "pair-short"
    if data["speedup"] <= 1 + SAME:
        return "pair-none"
    return "pair-full" if data["efficiency"] >= 1 - SAME else "pair-part"


def noisiest(data):
    """The work whose readings spread most: its name and that spread."""
    return max(((name, spread(values)) for name, values in data["seconds"].items()),
               key=lambda item: item[1])


def medians(data):
    """Per work, in order: the median of its readings, of a curve one per size."""
    if data["kind"] == "curve":
        return {name: [median(r) for r in data["seconds"][name]] for name in data["works"]}
    return {name: median(data["seconds"][name]) for name in data["works"]}


def names(data, language):
    """What a reader calls each work of ``data["seconds"]``."""
    shown = {name: label(name, language) for name in data["works"]}
    if data["kind"] == "pair":
        shown["first"], shown["second"] = (label(part, language) for part in data["parts"])
    return shown


def sentence(data, language):
    """The sentence that ``data`` earns, in Markdown."""
    text = _sentence(data, language)
    return text[:2].upper() + text[2:] if text.startswith("*") else text  # began with a name


def _sentence(data, language):
    branch, kind = verdict(data), data["kind"]
    text = SENTENCES[language][branch]
    if kind == "timeline":
        return text.format(busy=duration(data["busy"], language),
                           share=percent(data["share"], language))
    shown = names(data, language)
    if branch == "noisy":
        name, width = noisiest(data)
        return text.format(what=shown[name], spread=percent(width, language))
    if kind == "curve":
        slow, fast = medians(data).values()
        one, other = shown.values()
        gains = [b / a for a, b in zip(slow, fast)]
        peak = gains.index(max(gains))
        return text.format(
            slow=one, fast=other, smallest=data["sizes"][0], largest=data["sizes"][-1],
            first=number(gains[0], language), best=number(gains[peak], language),
            last=number(gains[-1], language), peak=data["sizes"][peak],
            crossover=data["crossover"])
    times = medians(data)
    values = {"speedup": number(data["speedup"], language)}
    if kind == "pair":
        total, limit = times["first"] + times["second"], max(times["first"], times["second"])
        values |= {"both": duration(times["both"], language), "sum": duration(total, language),
                   "limit": duration(limit, language), "best": number(total / limit, language),
                   "efficiency": percent(data["efficiency"], language),
                   "reason": REASONS[language][data.get("reason", "")]}
    else:
        (slow, first), (fast, second) = times.items()
        values |= {"slow": shown[slow], "fast": shown[fast],
                   "first": duration(first, language), "second": duration(second, language)}
        if kind == "bound":
            values |= {"limit": duration(data["limit"], language),
                       "over": number(1 / data["efficiency"], language)}
    return text.format(**values).strip()
