"""Vietnamese letters as BibTeX files write them."""
import unicodedata

import pytest

from book.citations import letters

TONES = {"\u0300": "`", "\u0301": "'", "\u0303": "~", "\u0309": "h", "\u0323": "d"}
SHAPES = {"\u0302": "^", "\u0306": "u", "\u031b": "horn"}
NAMED = {"ă": "abreve", "â": "acircumflex", "ê": "ecircumflex", "ô": "ocircumflex",
         "ơ": "ohorn", "ư": "uhorn"}
VOWELS = [unicodedata.normalize("NFC", vowel + tone)
          for vowel in "aăâeêioôơuưy" for tone in ("", *TONES)]
ALPHABET = [letter for letter in [*VOWELS, "đ"] if not letter.isascii()]


def accented(mark, inner):
    """The ways to put a mark on ``inner``, which is a letter or code that makes one."""
    spellings = ([f"\\{mark}{{{inner}}}", f"{{\\{mark}{{{inner}}}}}", f"{{\\{mark} {inner}}}",
                  f"\\{mark} {inner}"])
    return spellings if mark.isalpha() else [*spellings, f"\\{mark}{inner}", f"{{\\{mark}{inner}}}"]


def spellings(letter):
    """How BibTeX files write a letter: outermost first its tone, then its shape."""
    if letter in "đĐ":
        name = "dj" if letter == "đ" else "DJ"
        return {f"{{\\{name}}}", f"\\{name}{{}}", f"\\{name} ", letter}
    base, *marks = unicodedata.normalize("NFD", letter)
    tone = next((TONES[m] for m in marks if m in TONES), None)
    shape = next((m for m in marks if m in SHAPES), None)
    inner = [base]
    if base == "i" and not shape:
        inner += ["\\i", "{\\i}"]
    if shape:
        whole = unicodedata.normalize("NFC", base + shape)
        name = NAMED[whole.lower()]
        name = name if whole.islower() else name.upper()
        inner = [*accented(SHAPES[shape], base), f"{{\\{name}}}", f"\\{name}{{}}", f"\\{name} "]
    if tone:
        inner = [spelling for one in inner for spelling in accented(tone, one)]
    return {*inner, letter, unicodedata.normalize("NFD", letter)}


@pytest.mark.parametrize("letter", [*ALPHABET, *(letter.upper() for letter in ALPHABET)])
def test_each_vietnamese_letter_by_each_way_to_write_it(letter):
    wrong = [text for text in spellings(letter)
             if letters(text).replace("{", "").replace("}", "") != letter]
    assert not wrong


def test_what_is_no_vietnamese_letter_stays():
    for text in (r"\emph{x} \'{ab} $\hat{a} \dot a \delta$ \~{} a~b \i \LaTeX \djx {A} \& \v{s}",
                 "http://e.org/~a/h?b='c'"):
        assert letters(text) == text
    assert letters(r"Nguy{\~{\^e}}n, {\DJ}{\`\i}nh \d{\uhorn} Ph\'ap m\horn{o} ") == (
        "Nguy{ễ}n, {Đ}{ì}nh ự Pháp mơ ")
