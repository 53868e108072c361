"""The one rule for verdicts: what is told apart, and how often by chance alone."""
import itertools
import json
import math
from statistics import median

import pytest
from conftest import ROOT
from scipy.stats import mannwhitneyu

from evidence import words
from evidence.compare import ENOUGH, ERROR, compare, interval

STORED = {machine["name"]: machine for machine in
          json.loads((ROOT / "tests/data/readings.json").read_text("utf-8"))}
LEAST = 1e-9  # what is still another side


def stored(machine, framework, experiment):
    """Both sides of a stored speed-up."""
    (data,) = [data for data in STORED[machine]["measurements"]
               if (data["framework"], data["experiment"]) == (framework, experiment)]
    return [data["seconds"][name] for name in data["works"]]


def test_seven_readings_below_seven_others_earn_a_verdict_however_they_scatter():
    fast = [0.10, 0.13, 0.19, 0.31, 0.44, 0.58, 0.70]
    slow = [0.71, 0.9, 1.4, 2.2, 3.1, 4.5, 6.0]
    for order in (slow, slow[::-1]):
        assert compare(order, fast) == "gain" and compare(fast, order) == "loss"
    assert compare([*slow[1:], 0.2], fast) == "gain"  # four pairs the wrong way round are few
    assert compare([*slow[1:], 0.12], fast) == "open"  # six are not


@pytest.mark.parametrize("experiment", ["mlp", "two-devices", "run-and-copy-aside"])
def test_the_chapters_central_claims_earn_a_verdict_on_a_quiet_machine(experiment):
    (data,) = [data for data in STORED["quiet"]["measurements"]
               if (data["framework"], data["experiment"]) == ("pytorch", experiment)]
    assert not words.is_refused(data)


@pytest.mark.parametrize("first, second", [(7, 7), (5, 5), (5, 7), (6, 4)])
def test_of_all_orders_of_readings_chance_tells_few_apart(first, second):
    """Every way to deal out equally likely ranks: at most `ERROR` of them are told apart."""
    ranks = range(1, first + second + 1)
    apart = total = 0
    for chosen in itertools.combinations(ranks, first):
        rest = [100 + rank for rank in ranks if rank not in chosen]
        low, high = interval([100 + rank for rank in chosen], rest)
        apart += low > 1 or high < 1
        total += 1
    assert apart / total <= ERROR
    assert apart > 0 or min(first, second) < ENOUGH


@pytest.mark.parametrize("over, under", [
    stored("quiet", "pytorch", "mlp"), stored("noisy", "mxnet", "mlp"),
    ([7.7, 15.4, 7.9, 15.7, 7.9], [26.1, 26.7, 26.5, 27.0, 26.6])])
def test_the_interval_is_made_of_the_ratios_that_the_test_does_not_refuse(over, under):
    def p_value(ratio):
        return mannwhitneyu(over, [ratio * value for value in under], method="exact").pvalue

    low, high = interval(over, under)
    assert low <= median(over) / median(under) <= high
    for inside in (low * (1 + LEAST), (low * high) ** 0.5, high * (1 - LEAST)):
        assert p_value(inside) > ERROR
    for outside in (low * (1 - LEAST), high * (1 + LEAST)):
        assert p_value(outside) <= ERROR
    assert interval(under, over) == pytest.approx((1 / high, 1 / low))


@pytest.mark.parametrize("first, second, told", [
    (ENOUGH, ENOUGH, True), (ENOUGH - 1, ENOUGH - 1, False), (1, 7, False), (1, 1, False)])
def test_fewer_than_five_readings_decide_nothing(first, second, told):
    assert compare([9.0] * first, [1.0] * second) == ("gain" if told else "few")
    if not told:
        assert interval([9.0] * first, [1.0] * second) == (0, math.inf)


def scaled(factor):
    """A stored pair of samples, the first times ``factor`` over what makes their medians equal."""
    slow, fast = stored("quiet", "pytorch", "diamonds")
    equal = median(fast) / median(slow)
    return [factor * equal * value for value in slow], fast


@pytest.mark.parametrize("factor, below, above", [
    (1.1, "none", "gain"), (0.9, "loss", "none")])
def test_a_difference_worth_the_name_is_a_tenth(factor, below, above):
    assert compare(*scaled(factor * (1 - LEAST))) == below
    assert compare(*scaled(factor * (1 + LEAST))) == above


def widened(ratio, low):
    """Readings whose medians have ``ratio`` and whose interval begins at ``low``."""
    return [low] + [ratio] * 4, [1.0] * 5


def test_no_difference_must_be_shown_too():
    assert compare(*widened(1.0, 0.8 + LEAST)) == "none"
    assert compare(*widened(1.0, 0.8 - LEAST)) == "open"
    assert compare(*widened(1.0, 1.2 - LEAST)) == "none"
    assert compare(*widened(1.0, 1.2 + LEAST)) == "open"


@pytest.mark.parametrize("ratio, verdict", [
    (1.01, "none"), (1.1 - LEAST, "none"), (1.1 + LEAST, "gain"),
    (0.99, "none"), (0.9 + LEAST, "none"), (0.9 - LEAST, "loss")])
def test_a_difference_that_the_test_sees_must_be_large_enough_to_matter(ratio, verdict):
    rest = [1.001, 1.005, 1.3, 1.3] if ratio > 1 else [0.7, 0.7, 0.995, 0.999]
    low, high = interval([*rest, ratio], [1.0] * 5)
    assert low > 1 or high < 1
    assert compare([*rest, ratio], [1.0] * 5) == verdict


@pytest.mark.parametrize("low, verdict", [(1 - LEAST, "open"), (1.0, "open"), (1 + LEAST, "gain")])
def test_a_gain_is_an_interval_above_one(low, verdict):
    assert compare(*widened(1.5, low)) == verdict
    assert compare(*widened(1.5, low)[::-1]) == verdict.replace("gain", "loss")
