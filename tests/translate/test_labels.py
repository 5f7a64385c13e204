"""Label maps: every shipped one both ways, files of one's own, and what is refused."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import samples, schemas

from pointline.corpora.labelmap import LEVELS, apply
from pointline.errors import InputFault, Refusal
from pointline.formats.ask import Ask
from pointline.formats.oiellm import Oiellm
from pointline.formats.problems import CannotHold
from pointline.sample import Entity, Sample, faults, spans_of
from pointline.translate.labels import SHIPPED, Inventory, choose, read
from pointline.translate.paper import answered, lines_of
from pointline.translate.units import moved, units_of

PAPER = {
    "scnm": {"labels": 5, "entities": 8},
    "scpos": {"labels": 2, "entities": 3},
    "tcree": {"labels": 5, "relations": 13, "events": 13},
}


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("source", "target"), [*itertools.permutations(("en", "ja", "zh"), 2)])
def test_shipped_maps_go_both_ways(name: str, source: str, target: str) -> None:
    there, back = read(name, source, target), read(name, target, source)
    for level in LEVELS:
        names, again = getattr(there, level), getattr(back, level)
        if level in PAPER[name]:
            assert len(set(names.values())) == PAPER[name][level]
        for old, new in names.items():
            assert names[again[new]] == new, (level, old)


def test_a_map_of_ones_own(tmp_path: Path) -> None:
    one = Sample("1", "a", "ja", ["曲"], [Entity("人", "a", 0, 1)])
    seen = Inventory()
    seen.add(one)
    path = tmp_path / "map.toml"
    path.write_text('[labels]\n"曲" = "song"\n[entities]\nperson = { ja = "人", en = "person" }\n', encoding="utf-8")
    chosen = choose(str(path), seen, "ja", "en")
    [done] = apply([one], chosen.map)
    assert (done.labels, done.entities) == (["song"], [Entity("person", "a", 0, 1)])
    path.write_text('[labels]\n"曲" = "song"\n', encoding="utf-8")
    with pytest.raises(Refusal, match=r"entities: '人' \(first in sample '1'\) has no translation"):
        choose(str(path), seen, "ja", "en")
    path.write_text('[labels]\n"曲" = 3\n', encoding="utf-8")
    with pytest.raises(InputFault, match=r"map\.toml"):
        choose(str(path), seen, "ja", "en")
    path.write_text('[names]\n"曲" = "song"\n', encoding="utf-8")
    with pytest.raises(InputFault, match="names"):
        choose(str(path), seen, "ja", "en")


def test_names_that_no_map_holds_stay() -> None:
    seen = Inventory()
    seen.add(Sample("1", "a", "en", ["PlayMusic"]))
    assert choose(None, seen, "en", "zh").name == "kept"
    assert choose(None, Inventory(), "en", "zh").name == "kept"


@given(st.data())
def test_a_sample_moved_onto_itself_is_itself(data: st.DataObject) -> None:
    one = data.draw(samples(data.draw(schemas())))
    units = units_of(one)
    if units.loose is not None:
        return
    again = moved(one, units, one.text, units.places)
    assert not list(faults(again))
    assert [(span.start, span.end, span.text) for _, span in spans_of(again)] == [
        (span.start, span.end, span.text) for _, span in spans_of(one)
    ]


@given(st.data())
def test_the_papers_two_lines_come_back(data: st.DataObject) -> None:
    schema = data.draw(schemas())
    one = data.draw(samples(schema))
    codec = Oiellm(Ask(schema, lang="zh"))
    try:
        lines = lines_of(one, codec)
    except CannotHold:
        return
    text = one.text
    if text != text.strip() or lines.output != lines.output.strip() or "put:" in text:
        return
    words = lines.input[len(text) :].split("/")[1:]
    read_back = answered(f"Here you are:\n{lines}", words)
    assert (read_back.text, read_back.output, read_back.problem) == (text, lines.output, "")
