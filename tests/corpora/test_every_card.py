"""Every card on its data set: samples a split, annotations a level, repairs - the counts that are known of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from pointline.corpora import cards
from pointline.sample import faults


class Known(NamedTuple):
    """What a card gives."""

    card: str
    folder: str
    splits: dict[str, int]
    levels: tuple[int, int, int]
    """Entities, relations, events."""
    repaired: dict[str, int] = {}  # noqa: RUF012


def split(train: int = 0, dev: int = 0, test: int = 0) -> dict[str, int]:
    return {name: count for name, count in (("train", train), ("dev", dev), ("test", test)) if count}


KNOWN = [
    Known("conll04_spert", "conll04_spert", split(922, 231, 288), (5349, 2048, 0)),
    Known("scierc", "scierc", split(1861, 275, 551), (8094, 4648, 0)),
    Known("ade", "ade", split(3178, 560, 415), (10477, 6552, 0)),
    Known("ade_v2", "ade", {"": 2098}, (0, 3278, 0)),
    Known("genia_w2ner", "genia_w2ner", split(test=1854), (5506, 0, 0)),
    Known("fewrel", "fewrel", split(test=1000), (0, 1000, 0)),
    Known("rams", "rams", split(test=500), (0, 0, 500)),
    Known("uie_sel_conll04", "uie_sel_format", split(922, 231, 288), (3411, 2048, 0)),
    Known("uie_sel_16res", "uie_sel_format", split(test=320), (878, 465, 0)),
    Known("nyt_casrel", "nyt_casrel", split(0, 5000, 5000), (0, 16105, 0)),
    Known("webnlg_casrel", "webnlg_casrel", split(0, 500, 703), (0, 2831, 0)),
    Known("duie2_zh", "duie2_zh", split(5000), (0, 9293, 0)),
    Known("duie2_doccano", "duie2_zh", {"": 100}, (269, 174, 0)),
    Known("duie2_uie_prompt", "duie2_zh", split(dev=10), (47, 0, 0)),
    Known("cmeie_zh", "cmeie_zh", split(dev=1500), (0, 4475, 0)),
    Known("crossner", "crossner", split(700, 2121, 2506), (31187, 0, 0)),
    Known("crossner_ai", "crossner", split(100, 350, 431), (3890, 0, 0)),
    Known("msra_ner_zh", "msra_ner_zh", split(test=3442), (6190, 0, 0)),
    Known("msra_ner_zh_parallel", "msra_ner_zh", split(0, 3000, 3442), (11201, 0, 0)),
    Known("msra_ner_zh_words", "msra_ner_zh", split(test=4365), (6181, 0, 0)),
    Known("ud_japanese_gsd_ne", "ud_japanese_gsd_ne", split(test=543), (609, 0, 0)),
    Known("ud_japanese_gsd_stanza", "ud_japanese_gsd_ne", split(0, 507, 543), (1404, 0, 0)),
    Known("ud_pud_parallel", "ud_pud_parallel", split(test=2000), (42595, 0, 0)),
    Known("mixatis", "mixatis_mixsnips_agif", split(test=828), (3755, 0, 0)),
    Known("mixsnips", "mixatis_mixsnips_agif", split(test=2199), (11476, 0, 0)),
    Known("chinese_literature_ner", "chinese_literature_ner_re_brat", split(test=2837), (16186, 0, 0)),
    Known(
        "chinese_literature_ner_re",
        "chinese_literature_ner_re_brat",
        split(test=84),
        (16811, 1675, 0),
        {"line_joined": 6, "surface_differs": 9},
    ),
    Known("duee1_zh", "duee1_zh", split(dev=1498), (0, 0, 1790)),
    Known("duee_fin_zh", "duee_fin_zh", split(dev=1174), (0, 0, 1538)),
    Known("fewfc_base", "fewfc_zh", split(2732, 0, 1821), (0, 0, 8002)),
    Known("fewfc_trans", "fewfc_zh", split(820, 0, 3609), (0, 0, 4888)),
    Known("casie", "casie", {"": 1000}, (0, 0, 8485), {"offsets_snapped": 1094, "span_not_in_text": 1}),
    Known("phee", "phee", split(2898, 961, 968), (0, 0, 5019)),
    Known("phee_brat", "phee", split(dev=60), (314, 5, 74), {"relation_dropped": 1}),
    Known("finre_zh", "finre_sanwen_zh", split(6140, 677, 1677), (0, 13692, 0)),
    Known("sanwen_zh", "finre_sanwen_zh", split(10754, 1108, 1376), (0, 15386, 0)),
    Known("gids", "gids", split(dev=1864), (0, 1417, 0)),
    Known("asap_zh", "asap_zh_sample", split(100, 100, 100), (0, 0, 0), {"byte_order_mark": 3}),
    Known("coae2016_task3_re", "coae2016_task3_re", split(988, 0, 483), (0, 988, 0)),
    Known("coae2016_task2_aspect", "coae2016_task2_aspect", split(415, 0, 1214), (258, 0, 0)),
    Known("semeval2010_task8", "semeval2010_task8", split(8000, 0, 2717), (0, 10717, 0)),
    Known("kbp37", "kbp37", split(15794, 1721, 3400), (0, 18745, 0), {"relation_dropped": 146}),
    Known("boson_ner_zh", "boson_ner_zh", {"": 2000}, (23199, 0, 0), {"spaces_trimmed": 41}),
    Known("snips_original", "snips_original", split(2000, 700), (6183, 0, 0), {"bytes_mended": 1}),
    Known("semeval14_laptops_seg", "semeval14_seg", split(1482, 0, 418), (2950, 0, 0)),
    Known("semeval14_restaurants_seg", "semeval14_seg", split(2009, 0, 610), (4725, 0, 0)),
    Known("acos_laptop", "acos_quad", split(2934, 326, 816), (3983, 0, 5773)),
    Known("acos_restaurant", "acos_quad", split(1530, 171, 583), (2366, 0, 3661), {"span_dropped": 1}),
    Known("absa_quad_rest15", "absa_quad_rest", split(834, 209, 537), (1678, 0, 2496)),
    Known("absa_quad_rest16", "absa_quad_rest", split(1264, 316, 544), (2253, 0, 3295)),
    Known("aste_v2_14lap", "aste_v2", split(906, 219, 328), (2040, 2349, 0)),
    Known("aste_v2_14res", "aste_v2", split(1266, 310, 492), (3399, 3909, 0)),
    Known("aste_v2_15res", "aste_v2", split(605, 148, 322), (1507, 1747, 0)),
    Known("aste_v2_16res", "aste_v2", split(857, 210, 326), (1946, 2247, 0)),
    Known("mams_atsa", "mams", split(4297, 500, 500), (13854, 0, 0)),
    Known("mams_acsa", "mams", split(0, 400, 400), (0, 0, 0)),
    Known("mit_restaurant_universalner", "universalner_eval_conversations", split(test=1520), (3150, 0, 0)),
    Known("iepile_ner", "iepile_data", split(6, 0, 6), (6, 0, 0)),
    Known("iepile_re", "iepile_data", split(6, 0, 6), (0, 18, 0)),
    Known("iepile_spo", "iepile_data", split(5, 0, 5), (0, 12, 0)),
    Known("iepile_kg", "iepile_data", split(5, 0, 5), (0, 64, 0)),
    Known("iepile_ee", "iepile_data", split(6, 0, 6), (0, 0, 18)),
    Known("iepile_eea", "iepile_data", split(6, 0, 6), (0, 0, 18)),
    Known("iepile_eet", "iepile_data", split(6, 0, 6), (0, 0, 18)),
    Known("uie_zh_label_studio", "formats_misc/label_studio/uie_zh_ner_re", {"": 121}, (484, 363, 0)),
]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.card)
def test_card(converted, shared_data: Path, known: Known) -> None:
    samples, report = converted(shared_data / known.folder, card=known.card)
    assert dict(Counter(s.split or "" for s in samples)) == known.splits
    levels = tuple(sum(len(getattr(s, level) or ()) for s in samples) for level in ("entities", "relations", "events"))
    assert levels == known.levels
    assert dict(report.repaired) == known.repaired
    assert len({s.id for s in samples}) == len(samples)
    assert not [fault for s in samples for fault in faults(s)]


def test_every_card_of_these_data_sets_is_tried() -> None:
    apart = {
        "snips_slotgated",
        "xsid_0.7",
        "xsid_first_release",
        "stockmark_ner_wikipedia_ja",
        "chabsa_ja",
        "cluener_zh",
    }
    with_files = {name for name in cards.names() if cards.load(name).files and not cards.load(name).fetch}
    tried = {known.card for known in KNOWN} | apart
    parts = {f"crossner_{domain}" for domain in ("politics", "science", "music", "literature")}
    assert with_files - tried - parts == set()


@pytest.fixture
def of(converted, shared_data: Path):
    """The samples of a card's data set, and the report; its folder bears the card's name, or the one given."""
    return lambda card, folder="": converted(shared_data / (folder or card), card=card)


def test_relations_with_the_direction_of_their_marks(of) -> None:
    samples, _ = of("semeval2010_task8")
    assert len({r.type for s in samples for r in s.relations}) == 10
    back = [s for s in samples if s.relations[0].head.start > s.relations[0].tail.start]
    assert len(back) > 2000
    assert not any("<e1>" in s.text or (s.text.startswith('"') and s.text.endswith('"')) for s in samples)


def test_what_does_not_stand_in_the_text_keeps_no_offsets(of) -> None:
    samples, report = of("nyt_casrel")
    ends = [span for s in samples for r in s.relations for span in (r.head, r.tail)]
    assert sum(span.start is None for span in ends) == report.noticed["span_not_found"] == 86
    samples, report = of("duee_fin_zh")
    events = [event for s in samples for event in s.events or ()]
    assert sum(event.trigger.start is None for event in events) == 45
    assert sum(argument.start is None for event in events for argument in event.arguments) == 121


def test_shifted_offsets_of_casie(of) -> None:
    samples, report = of("casie")
    spans = sum(1 + len(event.arguments) for s in samples for event in s.events)
    assert spans == 31186
    assert report.repaired["offsets_snapped"] + report.repaired["span_not_in_text"] == 1095


def test_discontinuous_spans(of) -> None:
    samples, _ = of("phee")
    assert sum(a.fragments is not None for s in samples for e in s.events for a in e.arguments) == 622
    samples, _ = of("chinese_literature_ner_re", "chinese_literature_ner_re_brat")
    assert sum(e.fragments is not None for s in samples for e in s.entities) == 378


def test_nested_spans(of) -> None:
    def pairs(samples) -> int:
        return sum(
            a.start < b.end and b.start < a.end
            for s in samples
            for i, a in enumerate(s.entities)
            for b in s.entities[i + 1 :]
        )

    assert pairs(of("boson_ner_zh")[0]) == 26
    assert pairs(of("scierc")[0]) == 88


def test_objects_of_several_slots(of) -> None:
    samples, _ = of("duie2_zh")
    more = {r.type for s in samples for r in s.relations if "_" in r.type}
    assert more
    assert all(r.head.type and r.tail.type for s in samples for r in s.relations)


def test_one_trigger_of_several_events(of) -> None:
    samples, _ = of("fewfc_base", "fewfc_zh")
    shared = sum(len({e.trigger.start for e in s.events if e.trigger}) < len(s.events) for s in samples)
    assert shared > 1000


def test_scierc_sentences_with_relations(of) -> None:
    samples, _ = of("scierc")
    assert Counter(s.split for s in samples if s.relations) == {"train": 1366, "dev": 187, "test": 397}


def test_derived_labels_of_aspect_sets(of) -> None:
    for card, folder in (
        ("mams_atsa", "mams"),
        ("acos_laptop", "acos_quad"),
        ("semeval14_laptops_seg", "semeval14_seg"),
    ):
        samples, _ = of(card, folder)
        names = {label for s in samples for label in s.labels or ()}
        assert names <= {"positive", "neutral", "negative", "mixed"}, card
        assert all(s.meta.get("label_derived") for s in samples if s.labels), card


def test_implicit_parts_are_events_without_them(of) -> None:
    samples, _ = of("acos_restaurant", "acos_quad")
    events = [event for s in samples for event in s.events]
    assert any(event.trigger is None for event in events)
    assert any(not event.arguments for event in events)
    assert all(len(s.meta["quads"]) == len(s.events) for s in samples)


def test_parallel_sentences_share_ids(of) -> None:
    samples, report = of("ud_pud_parallel")
    english = {s.id for s in samples if s.lang == "en"}
    chinese = {s.id.rpartition("/")[2] for s in samples if s.lang == "zh"}
    assert english == chinese
    assert not report.repaired
