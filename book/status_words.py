"""The sentences of `{build-status}`, in both languages."""

WORDS = {
    "en": {"built": "Built {moment}, from source {source}.",
           "tools": "Made with {tools}.",
           "total": "{runs} kernels ran in all, for {duration}; {fresh} of them in this build, "
                    "the others before it: their code, packages and class of machine are the same.",
           "all": "{runs} kernels ran in all, for {duration}, each of them in this build.",
           "run": "**{label}**: {cells} cells in {duration}, from {moment}; {state}.",
           "fresh": "run in this build", "kept": "kept from an earlier run",
           "where": "{processor}; cores: {cores}; GPU: {gpus}; kernel `{kernel}`: {versions}; "
                    "source {commit}.",
           "none": "none",
           "skipped": "Cell {cell} left something out: `{text}`",
           "errors": "Cell {cell} ended in an error: `{text}`"},
    "vi": {"built": "Dựng {moment}, từ mã nguồn {source}.",
           "tools": "Công cụ: {tools}.",
           "total": "Tổng cộng {runs} kernel đã chạy, mất {duration}; {fresh} trong số đó chạy "
                    "trong lần dựng này, còn lại chạy từ trước, với cùng mã, cùng các gói và "
                    "cùng loại máy.",
           "all": "Tổng cộng {runs} kernel đã chạy, mất {duration}, tất cả đều trong lần dựng này.",
           "run": "**{label}**: {cells} ô mã, chạy trong {duration}, bắt đầu {moment}; "
                  "{state}.",
           "fresh": "chạy trong lần dựng này", "kept": "kết quả giữ lại từ lần chạy trước",
           "where": "{processor}, {cores} lõi; GPU: {gpus}; kernel `{kernel}`: {versions}; "
                    "mã nguồn {commit}.",
           "none": "không có",
           "skipped": "Ô mã {cell} có phần không chạy: `{text}`",
           "errors": "Ô mã {cell} kết thúc bằng lỗi: `{text}`"},
}


def duration(seconds, language) -> str:
    """``12.3 seconds``, or ``2 min 5 s`` from two minutes on."""
    if seconds >= 120:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} phút {rest} giây" if language == "vi" else f"{minutes} min {rest} s"
    text = f"{seconds:.1f}"
    return f"{text.replace('.', ',')} giây" if language == "vi" else f"{text} seconds"
