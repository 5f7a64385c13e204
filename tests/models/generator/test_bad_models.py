"""Models that are at fault, or not made for this: a clear line, or recovery."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from tiny_models import KINDS, model, tokenizer

from pointline.errors import ModelFault, PointlineError
from pointline.models.extractor import load
from pointline.models.generator.card import GeneratorCard
from pointline.models.generator.generator import Generator
from pointline.models.generator.settings import GeneratorSettings
from pointline.sample import spans_of
from pointline.schema import Schema

PREFIXES = ["a", "ab", "ab c", "ab c d", "abc", "東", "東京", "東京都"]
SCHEMA = Schema().label("topic", PREFIXES).entities(PREFIXES)


def saved(folder: Path, kind: str, schema: Schema = SCHEMA) -> Path:
    model(kind).save_pretrained(folder)
    tokenizer(kind).save_pretrained(folder)
    architecture = "seq2seq" if kind == "unigram" else "causal"
    GeneratorCard(format="oiellm", schema=schema, architecture=architecture).write(folder)
    return folder


def halved(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json", "model.json"])
def test_a_model_with_a_file_cut_in_half_is_one_line(tmp_path: Path, name: str) -> None:
    folder = saved(tmp_path, "byte-level")
    halved(folder / name)
    with pytest.raises(ModelFault) as fault:
        load(folder)
    assert str(folder) in str(fault.value)
    assert len(str(fault.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_base_model_cut_in_half_is_one_line_when_it_is_to_be_trained(tmp_path: Path, name: str) -> None:
    from pointline.train.generator.model import open_model
    from pointline.train.generator.settings import GeneratorTraining, chosen

    folder = saved(tmp_path, "byte-level")
    halved(folder / name)
    with pytest.raises(PointlineError) as fault:
        open_model(chosen(GeneratorTraining(model=str(folder))), [])
    assert str(folder) in str(fault.value)
    assert len(str(fault.value).splitlines()) == 1


def test_an_adapter_cut_in_half_is_one_line(tmp_path: Path) -> None:
    import peft
    import transformers

    base = transformers.AutoModelForCausalLM.from_pretrained(saved(tmp_path / "base", "byte-level"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        peft.get_peft_model(base, peft.LoraConfig(task_type="CAUSAL_LM", r=2)).save_pretrained(tmp_path / "adapter")
    tokenizer("byte-level").save_pretrained(tmp_path / "adapter")
    GeneratorCard(format="oiellm", schema=SCHEMA, architecture="causal").write(tmp_path / "adapter")
    halved(tmp_path / "adapter" / "adapter_model.safetensors")
    with pytest.raises(ModelFault, match="cannot be opened"):
        load(tmp_path / "adapter")


def test_a_model_without_a_pad_token_pads_with_its_end(tmp_path: Path) -> None:
    assert tokenizer("byte-level").pad_token_id is None
    folder = saved(tmp_path, "byte-level")
    texts = ["Bob", "Bob met Ann at half past ten in Tokyo", "東京"]
    opened = Generator.load(folder, GeneratorSettings(max_new_tokens=20))
    together = opened.extract(texts)
    alone = [opened.extract(text) for text in texts]
    assert [answer.raw for answer in together] == [answer.raw for answer in alone]


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_are_prefixes_of_one_another(tmp_path: Path, kind: str) -> None:
    settings = GeneratorSettings(temperature=1.0, max_new_tokens=40)
    opened = Generator.load(saved(tmp_path, kind), settings)
    seen = set()
    for answer in opened.extract(["ab abc ab c d", "東京都 東京", "Bob met Ann"] * 12):
        assert not set(answer.problems or ()) - {"truncated"}, answer
        assert set(answer.labels or ()) <= set(PREFIXES)
        assert {entity.type for entity in answer.entities or ()} <= set(PREFIXES)
        seen |= {*(answer.labels or ()), *(entity.type for entity in answer.entities or ())}
        assert all(span.start is not None for _, span in spans_of(answer))
    assert len(seen) > 4
