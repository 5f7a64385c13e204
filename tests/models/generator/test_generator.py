"""The generator on random weights: every answer reads, whatever the tokenizer, the search and the batch."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tiny_models import KINDS, model, tokenizer

from pointline import jsonl
from pointline.errors import ModelFault, Refusal, SettingsFault
from pointline.models.extractor import load
from pointline.models.generator.card import GeneratorCard
from pointline.models.generator.generator import Generator
from pointline.models.generator.settings import GeneratorSettings
from pointline.sample import Sample, faults, spans_of
from pointline.schema import Schema

SCHEMA = Schema().label("topic", ["news", "newsy", "sport"]).entities(["PER", "PERS", "TIME"])
TEXTS = [
    "Bob met Ann at 10:30 in Pi:Co",
    "東京都の㍿製品名か\u3099ンダムと：；／の😀",
    "北京大学的王先生 :PER;x",
    "play  some\njazz",
    "",
]


def saved(folder: Path, kind: str, **card: Any) -> Path:
    model(kind).save_pretrained(folder)
    tokenizer(kind).save_pretrained(folder)
    fields = {"format": "oiellm", "schema": SCHEMA, "architecture": "seq2seq" if kind == "unigram" else "causal"}
    GeneratorCard(**{**fields, **card}).write(folder)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {kind: saved(root / kind, kind) for kind in KINDS}


def opened(folder: Path, **settings: Any) -> Generator:
    return Generator.load(folder, GeneratorSettings(**{"max_new_tokens": 48, **settings}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("search", [{}, {"beams": 3}, {"temperature": 1.0}], ids=["greedy", "beams", "sampled"])
def test_grounded_answers_always_read(folders: dict[str, Path], kind: str, search: dict[str, Any]) -> None:
    answers = opened(folders[kind], **search).extract(TEXTS)
    assert [answer.text for answer in answers] == TEXTS
    for answer in answers:
        assert set(answer.problems or ()) <= {"truncated"}, answer
        assert list(faults(answer)) == []
        assert all(span.start is not None for _, span in spans_of(answer))
        assert answer.labels
        assert set(answer.labels) <= {"news", "newsy", "sport"}
        assert answer.label_scores is not None
        assert all(0 <= value <= 1 for value in answer.label_scores.values())
        assert all(0 <= (entity.score or 0) <= 1 for entity in answer.entities or ())
        assert all(entity.score is not None for entity in answer.entities or ())


def test_sampled_answers_hold_spans_and_the_seed_decides(folders: dict[str, Path]) -> None:
    samples = [Sample(str(i), text) for i, text in enumerate(TEXTS[:4] * 6)]
    first = list(opened(folders["byte-level"], temperature=1.0).predict(samples, batch_size=8))
    again = list(opened(folders["byte-level"], temperature=1.0).predict(samples, batch_size=8))
    assert first == again
    assert sum(bool(answer.entities) for answer in first) > len(first) / 2
    other = list(opened(folders["byte-level"], temperature=1.0, seed=1).predict(samples, batch_size=8))
    assert first != other


def test_greedy_answers_do_not_depend_on_the_batch_and_keep_their_order(folders: dict[str, Path]) -> None:
    samples = [Sample(str(i), text) for i, text in enumerate(TEXTS * 3)]
    alone = list(opened(folders["byte-level"]).predict(samples, batch_size=1))
    together = list(opened(folders["byte-level"]).predict(samples, batch_size=7))
    assert [answer.id for answer in together] == [sample.id for sample in samples]
    assert [answer.raw for answer in alone] == [answer.raw for answer in together]


@pytest.mark.parametrize("kind", ["byte-level", "unigram"])
@pytest.mark.parametrize("grounded", [True, False])
def test_the_length_of_an_answer_is_its_own_prompts_affair(folders: dict[str, Path], kind: str, grounded: bool) -> None:
    samples = [Sample(str(i), text * (1 + i % 2)) for i, text in enumerate(TEXTS[:3])]

    def said(batch_size: int) -> list[tuple[str | None, list[str] | None]]:
        model = opened(folders[kind], max_new_tokens=None, grounded=grounded)
        return [(answer.raw, answer.problems) for answer in model.predict(samples, batch_size=batch_size)]

    assert said(1) == said(5)


def test_a_stream_is_read_a_few_batches_ahead(folders: dict[str, Path]) -> None:
    read = 0

    def stream() -> Any:
        nonlocal read
        for i in itertools.count():
            read += 1
            yield Sample(str(i), "Bob met Ann")

    answers = opened(folders["byte-level"], max_new_tokens=24).predict(stream(), batch_size=2)
    assert next(answers).id == "0"
    assert read <= 16


def test_load_opens_it_and_the_fingerprint_follows_the_settings(folders: dict[str, Path]) -> None:
    first = load(folders["byte-level"])
    assert isinstance(first, Generator)
    assert first.fingerprint == load(folders["byte-level"]).fingerprint
    assert first.fingerprint != opened(folders["byte-level"], beams=2).fingerprint


def test_another_schema_takes_the_place_of_the_cards(folders: dict[str, Path]) -> None:
    answer = opened(folders["byte-level"]).extract("Bob met Ann", schema=Schema().entities(["X"]))
    assert answer.labels is None
    assert {entity.type for entity in answer.entities or ()} <= {"X"}


def test_iepile_asks_one_prompt_a_level(tmp_path: Path) -> None:
    schema = Schema().entities(["PER"]).relations(["likes"])
    folder = saved(tmp_path, "byte-level", format="iepile", schema=schema)
    answer = opened(folder, max_new_tokens=None).extract("Bob likes Ann")
    assert answer.entities is not None
    assert answer.relations is not None
    assert (answer.raw or "").count("{") >= 2


@pytest.mark.parametrize("on_long", ["window", "truncate", "error"])
def test_long_texts(tmp_path: Path, on_long: str) -> None:
    folder = saved(tmp_path, "byte-level", max_length=120)
    text = " ".join(f"Bob{i} met Ann{i} in Tokyo{i} at ten." for i in range(12))
    extractor = opened(folder, on_long=on_long, max_new_tokens=40, temperature=1.0)
    if on_long == "error":
        with pytest.raises(Refusal, match="room for"):
            extractor.extract(text)
        return
    answer = extractor.extract(text)
    assert answer.text == text
    assert list(faults(answer)) == []
    windows = answer.meta["windows"]
    if on_long == "truncate":
        assert "input_truncated" in (answer.problems or ())
        assert len(windows) == 1
    else:
        assert windows[0][0] == 0
        assert windows[-1][1] == len(text)
        assert all(a[1] - b[0] >= answer.meta["together"] > 0 for a, b in itertools.pairwise(windows))
        assert max(span.start or 0 for _, span in spans_of(answer)) > len(text) / 2


def test_predict_says_what_was_not_read_together(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model", "byte-level", max_length=120)
    text = " ".join(f"Bob{i} met Ann{i} in Tokyo{i} at ten." for i in range(12))
    jsonl.write(tmp_path / "in.jsonl", [Sample("1", "Bob"), Sample("2", text)])
    command = [
        *(sys.executable, "-m", "pointline", "predict", str(folder), str(tmp_path / "in.jsonl")),
        *("--out", str(tmp_path / "out.jsonl"), "--set", "max_new_tokens=24"),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "1 long texts read in" in said
    told = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    first, second = jsonl.read(tmp_path / "out.jsonl")
    assert "windows" not in first.meta
    assert told["long_texts"]["windows"] == len(second.meta["windows"])
    assert told["long_texts"]["together"] == second.meta["together"]


def test_an_answer_that_the_budget_cuts_says_so(folders: dict[str, Path]) -> None:
    answer = opened(folders["byte-level"], max_new_tokens=14, temperature=1.0).extract(TEXTS[0] * 3)
    assert answer.labels
    answers = opened(folders["byte-level"], max_new_tokens=16, temperature=1.0).extract(TEXTS[:2] * 6)
    assert any("truncated" in (answer.problems or ()) for answer in answers)
    with pytest.raises(Refusal, match="too small"):
        opened(folders["byte-level"], max_new_tokens=2).extract("Bob")


def test_free_answers(folders: dict[str, Path]) -> None:
    kept = opened(folders["byte-level"], grounded=False, max_new_tokens=12).extract(TEXTS[0])
    assert kept.problems
    dropped = opened(folders["byte-level"], grounded=False, max_new_tokens=12, on_invalid="drop").extract(TEXTS[0])
    assert dropped.labels == []
    with pytest.raises(Refusal, match="not well formed"):
        opened(folders["byte-level"], grounded=False, max_new_tokens=12, on_invalid="raise").extract(TEXTS[0])


def test_an_adapter_opens_on_its_base(tmp_path: Path, folders: dict[str, Path]) -> None:
    import peft
    import transformers

    base = transformers.AutoModelForCausalLM.from_pretrained(folders["byte-level"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        adapted = peft.get_peft_model(base, peft.LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False, r=2))
        adapted.save_pretrained(tmp_path)
    tokenizer("byte-level").save_pretrained(tmp_path)
    GeneratorCard(format="oiellm", schema=SCHEMA, architecture="causal").write(tmp_path)
    answer = opened(tmp_path).extract(TEXTS[0])
    assert answer.labels
    config = msgspec.json.decode((tmp_path / "adapter_config.json").read_bytes())
    config["base_model_name_or_path"] = str(tmp_path / "nowhere" / "at all")
    (tmp_path / "adapter_config.json").write_bytes(msgspec.json.encode(config))
    with pytest.raises(ModelFault, match=r"cannot be opened|no such folder"):
        opened(tmp_path)


def test_bad_models_are_named_in_one_line(tmp_path: Path, folders: dict[str, Path]) -> None:
    with pytest.raises(ModelFault, match="no such folder"):
        Generator.open(tmp_path / "none", "oiellm", SCHEMA)
    with pytest.raises(ModelFault, match="no model folder"):
        load(tmp_path / "none")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelFault, match="cannot be opened"):
        Generator.open(tmp_path, "oiellm", SCHEMA)
    with pytest.raises(SettingsFault, match="beams"):
        GeneratorSettings(beams=2, temperature=1.0)
    with pytest.raises(SettingsFault, match="device"):
        opened(folders["byte-level"], device="abacus")


def test_a_card_that_is_at_fault_is_named(tmp_path: Path, folders: dict[str, Path]) -> None:
    for change, words in (
        ({"format": "oielm"}, "did you mean"),
        ({"tasks": ["x"]}, "unknown_task"),
        ({"lang": 3}, "lang"),
    ):
        card = msgspec.json.decode((folders["byte-level"] / "model.json").read_bytes())
        (tmp_path / "model.json").write_bytes(msgspec.json.encode({**card, **change}))
        with pytest.raises(ModelFault, match=words):
            GeneratorCard.read(tmp_path)


def test_a_chat_model_is_not_given_raw_prompts_unasked(tmp_path: Path) -> None:
    model("byte-level").save_pretrained(tmp_path)
    tok = tokenizer("byte-level")
    tok.save_pretrained(tmp_path)
    template = "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}{% endfor %} [assistant] "
    (tmp_path / "chat_template.jinja").write_text(template)
    with pytest.raises(Refusal, match="chat model"):
        Generator.open(tmp_path, "oiellm", SCHEMA)
    asked = Generator.open(tmp_path, "oiellm", SCHEMA, GeneratorSettings(chat="template", max_new_tokens=24))
    assert asked.extract("Bob met Ann").labels


def test_a_tokenizer_that_lacks_a_mark_is_named(tmp_path: Path) -> None:
    folder = saved(tmp_path, "unigram", schema=Schema().label("topic", ["😀"]).entities(["PER"]))
    with pytest.raises(Refusal, match="no token for '😀'"):
        opened(folder).extract("Bob")


def test_compile_without_a_compiler_is_one_line(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "/nowhere/g++")
    with pytest.raises(SettingsFault, match=r"needs a C\+\+ compiler, and CXX=/nowhere/g\+\+ is not there"):
        opened(folders["byte-level"], compile=True)
    monkeypatch.delenv("CXX")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SettingsFault, match="neither g"):
        opened(folders["byte-level"], compile=True)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_compiled_model_answers_the_same(folders: dict[str, Path]) -> None:
    if not any(map(shutil.which, ("g++", "clang++"))):
        pytest.skip("no C++ compiler")
    texts = TEXTS[:2]
    plain = opened(folders["byte-level"], max_new_tokens=16).extract(texts)
    compiled = opened(folders["byte-level"], max_new_tokens=16, compile=True).extract(texts)
    assert [answer.raw for answer in compiled] == [answer.raw for answer in plain]
