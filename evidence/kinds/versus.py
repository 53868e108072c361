"""The same result made in two ways: which is the faster?"""

from __future__ import annotations

from typing import Any

from ..compare import REFUSED
from ..measure import versus
from .base import STRINGS, TWO_WAYS, Timed

SENTENCES = {
    "en": {
        "versus-gain": "*{slow}* took {first}, *{fast}* {second}: **{speedup} times as fast**.",
        "versus-none": "*{slow}* took {first}, *{fast}* {second}: **no difference worth the "
                       "name** (ratio {speedup}).",
        "versus-loss": "*{slow}* took {first}, *{fast}* {second}: **a loss** (ratio {speedup}).",
    },
    "vi": {
        "versus-gain": "*{slow}* mất {first}, *{fast}* mất {second}: **nhanh gấp {speedup} lần**.",
        "versus-none": "*{slow}* mất {first}, *{fast}* mất {second}: **không khác nhau đáng kể** "
                       "(tỉ số {speedup}).",
        "versus-loss": "*{slow}* mất {first}, *{fast}* mất {second}: **còn chậm hơn** (tỉ số "
                       "{speedup}).",
    },
}


class Versus(Timed):
    """Two works, the slower way first."""

    name = "versus"
    sentences, alts = SENTENCES, TWO_WAYS
    measure = staticmethod(versus)
    properties = {
        **Timed.properties,
        "works": {**STRINGS, "minItems": 2, "maxItems": 2,
                  "description": "the keys of seconds, in order"},
        "efficiency": {"type": "null"}}

    def verdict(self, data: dict[str, Any]) -> str:
        comparison = self.comparison(data)
        return comparison if comparison in REFUSED else f"versus-{comparison}"
