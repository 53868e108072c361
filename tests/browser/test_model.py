"""The model of an experiment in the page: the same as in Python, by mouse, keyboard and touch."""
import json
import random
import re
from dataclasses import asdict

import pytest
from conftest import CHAPTER

from book.schedule import model
from evidence.graph import mlp

GRAPHS = 1000


def address(site, language="en", tab="mxnet", section="two-devices"):
    """A section with its results, for which a reader would have to guess first."""
    return (f"file://{site}/{language}/{CHAPTER}/auto-parallelism.html?tab={tab}&found"
            f"#sec-auto-para-{section}")


def graph(chance):
    """Jobs that may need, queue and wait in any way, and a number of slots."""
    jobs = []
    for number in range(chance.randint(1, 30)):
        names = [job.name for job in jobs]
        jobs.append(model.Job(
            str(number), tuple(chance.sample("abcd", chance.randint(1, 2))), chance.random(),
            tuple(chance.sample(names, min(len(names), chance.randint(0, 3)))),
            slot=chance.random() < .5, wait=chance.random() < .1))
    return jobs, chance.randint(0, 4)


def test_both_models_run_any_jobs_alike(site, visit):
    chance = random.Random(1)
    graphs = [graph(chance) for _ in range(GRAPHS)]
    values = [{"first": chance.random(), "second": chance.random(), "n": chance.randint(1, 20),
               "wait": chance.choice(model.WAITS), "streams": chance.randint(1, 2),
               "slots": chance.randint(0, 9), **model.step_of({
                   "name": task.name, "lane": task.lane, "needs": task.needs,
                   "seconds": chance.random()} for task in mlp())} for _ in range(100)]
    with visit(address(site)) as page:
        runs, chains, experiments = page.evaluate("""([graphs, values]) => {
          const runs = graphs.map(([jobs, slots]) => schedule.simulate(jobs, slots));
          return [runs, runs.map(schedule.critical), Object.entries(schedule.experiments).map(
            ([name, make]) => [name, values.map(v => schedule.simulate(make(v), v.slots))])];
        }""", [[([asdict(job) for job in jobs], slots) for jobs, slots in graphs], values])
    expected = [model.simulate(jobs, slots) for jobs, slots in graphs]
    assert runs == [[asdict(run) for run in own] for own in expected]
    assert chains == [model.critical(own) for own in expected]
    assert dict(experiments) == {name: [
        [asdict(run) for run in model.simulate(make(v), v["slots"])] for v in values]
        for name, make in model.EXPERIMENTS.items()}


def numbers(box):
    return [float(number.replace(",", ".")) for number in re.findall(
        r"\d+[.,]?\d*", box.locator(".schedule-result").inner_text())]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_begins_with_what_was_measured_and_answers_each_control(site, visit, language):
    with visit(address(site, language)) as page:
        box = page.locator(".schedule:visible").first
        data = json.loads(box.get_attribute("data-schedule"))
        end = 1000 * max(data["values"]["first"], data["values"]["second"])
        assert numbers(box)[0] == pytest.approx(end, abs=.06)
        slots = box.locator("input").nth(3)
        slots.focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        assert numbers(box)[0] > 1.3 * end  # the second device waits for the first one's slots
        box.locator("select").select_option("between")
        both = 1000 * (data["values"]["first"] + data["values"]["second"])
        assert numbers(box)[0] == pytest.approx(both, abs=.06)
        box.locator("button").click()
        assert numbers(box)[0] == pytest.approx(end, abs=.06)
        assert slots.input_value() == "0"
        assert box.locator("select").input_value() == "end"


def test_a_finger_moves_a_slider(site, visit):
    with visit(address(site, "vi", "pytorch", "copying"), viewport={"width": 360, "height": 740},
               has_touch=True) as page:
        box = page.locator(".schedule:visible").first
        before = numbers(box)
        first = box.locator("input").first
        first.scroll_into_view_if_needed()
        place = first.bounding_box()
        page.touchscreen.tap(place["x"] + place["width"] - 4, place["y"] + place["height"] / 2)
        assert numbers(box)[0] > before[0]
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def mlp_box(page):
    return page.locator('.schedule[data-schedule*=\'"experiment": "mlp"\']:visible')


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("tab", ["mxnet", "pytorch"])
def test_the_mlps_model_starts_from_its_tasks_and_shows_who_is_held_up(site, visit, language, tab):
    with visit(address(site, language, tab, "network")) as page:
        box = mlp_box(page)
        values = json.loads(box.get_attribute("data-schedule"))["values"]
        jobs = model.mlp(values)
        total = 1000 * sum(job.seconds for job in jobs)
        start = numbers(box)
        assert start[0] == pytest.approx(1000 * model.simulate(jobs)[-1].end, abs=.06)
        assert start[1] == pytest.approx(total / start[0], abs=.02)
        assert box.locator("rect").count() == 36
        assert "W₁" in box.locator(".label").all_text_contents()
        line = float(box.locator(".current").get_attribute("x1")[:-1])
        box.locator("select").select_option("call")
        assert numbers(box)[:2] == [pytest.approx(total, abs=.06), 1]
        assert float(box.locator(".current").get_attribute("x1")[:-1]) < line
        box.locator("button").click()
        sums = box.get_by_label("Σ ∂W₁, ms")
        sums.focus()
        page.keyboard.press("End")
        assert numbers(box)[0] > start[0]
        assert box.locator(".reading").count() > 3


def test_without_scripts_the_picture_and_its_words_stand_there(site, visit):
    with visit(address(site), java_script_enabled=False) as page:
        box = page.locator(".schedule").first
        assert box.locator("svg rect").count() == 40
        assert box.locator(".schedule-result").is_visible()
        assert box.locator("input").count() == 0
