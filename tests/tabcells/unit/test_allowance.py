"""How much of what a cell prints is kept, message by message."""
import json

import pytest
from hypothesis import given, settings, strategies as st
from nbformat.v4 import new_output

from tabcells.run.allowance import CUT, Allowance, cut_at, in_words


def stream(text):
    return {"msg_type": "stream", "content": {"name": "stdout", "text": text}}


def display(text, kind="display_data", name=None):
    content = {"data": {"text/plain": text}, "metadata": {}}
    if name:
        content["transient"] = {"display_id": name}
    return {"msg_type": kind, "content": content}


def error(text):
    return {"msg_type": "error", "content": {"ename": "E", "evalue": text, "traceback": []}}


def size(message):
    if message["msg_type"] == "stream":
        return len(message["content"]["text"].encode())
    return len(json.dumps(message["content"], ensure_ascii=False).encode())


def room_for(*messages, short=0):
    return Allowance(sum(map(size, messages)) - short)


CLEAR = {"msg_type": "clear_output", "content": {"wait": False}}


# Text

def test_text_is_kept_up_to_the_limit_and_shortened_in_place():
    allowance = Allowance(5)
    whole, cut, late = stream("abc"), stream("defg"), stream("h")
    assert allowance.admit(whole) and allowance.admit(cut)
    assert (whole["content"]["text"], cut["content"]["text"]) == ("abc", "de")
    assert not allowance.admit(late) and late["content"]["text"] == ""
    assert (allowance.used, allowance.dropped) == (5, 3)


def test_text_that_fits_exactly_is_whole():
    allowance = Allowance(3)
    assert allowance.admit(stream("abc")) and allowance.notice() == []
    assert allowance.dropped == 0 and not allowance.admit(stream("d"))
    assert allowance.dropped == 1


def test_nothing_comes_after_a_gap():
    allowance = Allowance(4)
    assert not allowance.admit(display("long")) and allowance.used == 0
    assert not allowance.admit(stream("a"))
    assert not allowance.admit(display("", name="x"))
    assert allowance.used == 0


def test_an_empty_text_is_no_output():
    allowance = Allowance(3)
    assert not allowance.admit(stream("")) and allowance.notice() == []


def test_a_letter_is_cut_between_letters_and_bytes_are_counted():
    allowance, message = Allowance(4), stream("ệệ")  # three bytes each
    assert allowance.admit(message) and message["content"]["text"] == "ệ"
    assert (allowance.used, allowance.dropped) == (4, 2)
    allowance, message = Allowance(2), stream("ệ")
    assert not allowance.admit(message) and message["content"]["text"] == ""


def test_half_a_letter_is_counted_as_what_stands_for_it():
    allowance, message = Allowance(9), stream("a\ud800b")
    assert allowance.admit(message) and message["content"]["text"] == "a\ud800b"
    assert allowance.used == 3
    assert Allowance(500).admit(display("\ud800"))


# Everything else

@pytest.mark.parametrize("kind", ["display_data", "execute_result", "update_display_data"])
def test_an_output_is_kept_whole_or_not_at_all(kind):
    message = display("ệ", kind)
    allowance = room_for(message)
    assert allowance.admit(message) and allowance.used == size(message) and not allowance.dropped
    allowance = room_for(message, short=1)
    assert not allowance.admit(message)
    assert allowance.used == 0 and allowance.dropped == size(message)


@pytest.mark.parametrize("kind", ["status", "execute_input", "comm_open"])
def test_what_is_no_output_passes_and_costs_nothing(kind):
    allowance = Allowance(1)
    allowance.admit(stream("ab"))
    assert allowance.admit({"msg_type": kind, "content": {"long": "x" * 99}})
    assert (allowance.used, allowance.dropped) == (1, 1)


def test_an_error_is_admitted_after_the_cut_unless_it_alone_is_too_long():
    message = error("what went wrong")
    allowance = room_for(message)
    assert not allowance.admit(stream("x" * 500)) or allowance.dropped
    before = allowance.used, allowance.dropped
    assert allowance.admit(message) and (allowance.used, allowance.dropped) == before
    allowance = room_for(message, short=1)
    assert not allowance.admit(message) and allowance.dropped == size(message)


def test_a_display_that_takes_anothers_place_costs_what_it_is_larger():
    short, long = display("a", name="x"), display("a" * 100, "update_display_data", name="x")
    allowance = room_for(long)
    assert allowance.admit(short) and allowance.used == size(short)
    for _ in range(5):
        assert allowance.admit(long) and allowance.used == size(long)
        assert allowance.admit(short) and allowance.used == size(long)  # the largest it was
    assert not allowance.admit(display("b", name="y"))
    assert allowance.dropped == size(display("b", name="y"))


def test_a_display_that_grows_too_large_is_dropped_whole():
    short, long = display("a", name="x"), display("a" * 100, "update_display_data", name="x")
    allowance = room_for(long, short=1)
    assert allowance.admit(short) and not allowance.admit(long)
    assert (allowance.used, allowance.dropped) == (size(short), size(long))


def test_displays_without_a_name_take_nobodys_place():
    one = display("a")
    allowance = room_for(one, one)
    assert allowance.admit(one) and allowance.admit(one) and allowance.used == 2 * size(one)
    nameless = display("a") | {"content": {**one["content"], "transient": {}}}
    allowance = room_for(nameless, nameless)
    assert allowance.admit(nameless) and allowance.admit(nameless)
    assert allowance.used == 2 * size(nameless)


def test_cleared_outputs_give_their_room_back():
    allowance = Allowance(3)
    assert allowance.admit(stream("abcdef")) and allowance.notice()
    assert allowance.admit(CLEAR) and (allowance.used, allowance.dropped) == (0, 0)
    message = stream("xyz")
    assert allowance.admit(message) and message["content"]["text"] == "xyz"
    assert allowance.notice() == []


def test_a_cleared_display_is_paid_for_again():
    message = display("a" * 100, name="x")
    allowance = room_for(message)
    assert allowance.admit(message) and allowance.admit(CLEAR) and allowance.admit(message)
    assert allowance.used == size(message)


texts = st.text("aệ", max_size=6)
messages = st.lists(st.one_of(
    texts.map(stream), texts.map(display), texts.map(error),
    st.builds(display, texts, st.just("update_display_data"), st.sampled_from("xy"))), max_size=8)


@settings(max_examples=40, deadline=None)
@given(messages, st.integers(0, 300))
def test_whatever_is_printed_a_prefix_is_kept_within_the_limit(messages, limit):
    allowance, printed, kept, cut, last = Allowance(limit), "", "", False, {}
    for message in messages:
        kind, before = message["msg_type"], (allowance.used, allowance.dropped)
        text = message["content"].get("text", "")
        length = size(message)
        admitted = allowance.admit(message)
        assert 0 <= allowance.used <= limit
        assert bool(allowance.notice()) == (allowance.dropped > 0)
        used, dropped = allowance.used - before[0], allowance.dropped - before[1]
        if kind == "stream":
            printed, kept = printed + text, kept + message["content"]["text"]
            assert used + dropped == length and admitted == (message["content"]["text"] != "")
            assert not (cut and admitted)
        elif kind == "error":
            assert admitted == (length <= limit) and used == 0
        else:
            name = (message["content"].get("transient") or {}).get("display_id")
            more = max(0, length - last.get(name, 0)) if name else length
            last[name] = max(length, last.get(name, 0))
            assert (used, dropped) == ((more, 0) if admitted else (0, length))
            assert admitted == (not cut and before[0] + more <= limit)
        assert printed.startswith(kept)
        cut = cut or dropped > 0


# Notices

def test_a_notice_tells_what_was_cut():
    allowance = Allowance(3)
    allowance.admit(stream("abcdefgh"))
    assert allowance.notice() == [new_output(
        "display_data", {"text/plain": "[5 more bytes]"},
        metadata={CUT: {"dropped": 5, "limit": 3}})]


def test_records_of_before_keep_the_key_of_a_notice():
    assert CUT == "tabcells-cut"


def notice(limit, dropped=1):
    return new_output("display_data", metadata={CUT: {"limit": limit, "dropped": dropped}})


def test_a_run_was_cut_at_the_least_of_its_limits():
    other = new_output("stream", text="a")
    assert cut_at([]) is None and cut_at([[], [other, new_output("display_data")]]) is None
    assert cut_at([[other], [notice(5)]]) == 5
    assert cut_at([[other, notice(7)], [], [notice(5), notice(9)]]) == 5


@pytest.mark.parametrize("count, text", [
    (99_999, "0.099999"), (100_000, "0.1"), (149_000, "0.1"), (160_000, "0.2"),
    (5_000_000, "5.0"), (1_000, "0.001"), (1, "0.000001"), (90_000, "0.09")])
def test_sizes_are_megabytes_small_ones_to_the_byte(count, text):
    (output,) = in_words(notice(count, dropped=2_000_000), "{dropped} more, {limit} kept")
    assert output.data == dict.fromkeys(("text/markdown", "text/plain"), f"2.0 more, {text} kept")
    assert output.output_type == "display_data"


@pytest.mark.parametrize("output", [
    new_output("stream", text="a"), new_output("display_data"), {"output_type": "x"}])
def test_other_outputs_have_no_notice(output):
    assert in_words(output, "{dropped}") is None
