"""Generators learn small data; pairs, formats, adapters and old models in the folder; what cannot be is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("transformers")

from made_samples import made
from train.generator.tiny import TINY, causal, folder, tokenizer, weights

from pointline import jsonl
from pointline.errors import InputFault, MissingExtra, ModelFault, Refusal, SettingsFault
from pointline.formats.ask import Ask
from pointline.formats.build import Build
from pointline.models.extractor import load
from pointline.models.generator.card import GeneratorCard
from pointline.models.generator.generator import Generator
from pointline.sample import Pair, Sample
from pointline.schema import Schema
from pointline.train.generator import model as models
from pointline.train.generator.data import gather, read_records
from pointline.train.generator.fitting import train_generator
from pointline.train.generator.settings import PRESETS, GeneratorTraining, chosen
from pointline.train.generator.tokens import Tokens


def changed(**values: Any) -> GeneratorTraining:
    return msgspec.structs.replace(TINY, **values)


@pytest.mark.parametrize("model", ["new:causal", "new:seq2seq"])
def test_a_small_new_model_learns(tmp_path: Path, model: str) -> None:
    quick = changed(model=model, width=64, heads=4, layers=2, epochs=6, batch=16, dev_samples=12)
    quick = msgspec.structs.replace(quick, dropout=0.0, substitution=0.0, learning_rate=3e-3)
    record = train_generator(made(300), made(12, 1), quick, tmp_path)
    assert record.curve[-1].loss < record.curve[0].loss / 2
    assert record.curve[record.best_epoch].dev is not None
    assert record.curve[record.best_epoch].dev.TL > 90  # type: ignore[union-attr, operator]
    assert record.losses[-1][0] == record.steps == record.step
    assert record.trained == record.parameters > 10_000
    card = GeneratorCard.read(tmp_path)
    assert (card.format, card.architecture) == ("oiellm", model.removeprefix("new:"))
    assert card.schema.names("entities") == ("name", "place")
    import transformers

    kind = transformers.AutoModelForCausalLM if model == "new:causal" else transformers.AutoModelForSeq2SeqLM
    assert kind.from_pretrained(tmp_path).num_parameters() == record.parameters
    words = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert words.decode(words("a 日本 😀 b", add_special_tokens=False)["input_ids"]) == "a 日本 😀 b"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {path.name for path in tmp_path.iterdir()} - {"checkpoint", ".lock"}
    )


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")
@pytest.mark.parametrize("kind", ["causal", "seq2seq", "lora"])
def test_what_was_trained_answers(tmp_path: Path, kind: str) -> None:
    values: dict[str, Any] = {"model": f"new:{kind}", "format": "giellm"}
    if kind == "lora":
        values = {"model": str(folder(tmp_path / "base")), "method": "lora", "lora_rank": 4}
    train_generator(made(20), made(4, 1), changed(max_steps=2, **values), tmp_path / "m")
    model = load(tmp_path / "m")
    assert isinstance(model, Generator)
    for sample in model.extract(["call ann in oslo now", "日本 😀"]):
        assert sample.labels is not None
        assert set(sample.labels) <= {"Book", "Call"}
        assert all(sample.text[e.start : e.end] == e.text for e in sample.entities or ())


def test_adapters_leave_the_base_alone_and_take_the_place_of_an_older_model(tmp_path: Path) -> None:
    base = folder(tmp_path / "base")
    before = weights(base)
    settings = changed(model=str(base), substitution=0.0, max_steps=4)
    train_generator(made(30), None, settings, tmp_path / "out")
    assert set(weights(tmp_path / "out")) == {"model.safetensors"}
    lora = msgspec.structs.replace(settings, method="lora", lora_rank=4)
    record = train_generator(made(30), None, lora, tmp_path / "out")
    assert set(weights(tmp_path / "out")) == {"adapter_model.safetensors"}
    assert record.trained < record.parameters / 2
    assert weights(base) == before
    told = json.loads((tmp_path / "out" / "adapter_config.json").read_bytes())
    assert told["base_model_name_or_path"] == str(base)
    assert told["r"] == 4


def test_pairs_of_a_file_are_the_same_training_as_their_samples(tmp_path: Path) -> None:
    samples, dev = made(30), made(6, 1)
    schema = Schema.of([*samples, *dev])
    jsonl.write(tmp_path / "p.jsonl", Build("oiellm", Ask(schema))(samples))
    short = changed(max_steps=3, substitution=0.0)
    train_generator(samples, dev, short, tmp_path / "samples", schema=schema)
    record = train_generator(read_records(tmp_path / "p.jsonl"), dev, short, tmp_path / "pairs", schema=schema)
    assert weights(tmp_path / "samples") == weights(tmp_path / "pairs") != {}
    assert record.select == "score"
    alone = train_generator(read_records(tmp_path / "p.jsonl"), None, short, tmp_path / "alone", schema=schema)
    assert alone.select == "loss"
    assert alone.curve[0].dev_loss is not None


def test_the_worse_epochs_are_forgotten_and_patience_ends(tmp_path: Path) -> None:
    settings = changed(epochs=8, patience=1, learning_rate=5.0, clip=0.0, schedule="constant", dev_samples=0)
    record = train_generator(made(20), made(4, 1), settings, tmp_path)
    assert len(record.curve) == record.best_epoch + 2 < 8
    assert record.select == "loss"


def test_prompt_and_completion_meet_as_they_were_tokenized_apart() -> None:
    pairs = [Pair("1", "ner", "", "call ann now/NER", "Call/NER/:name;ann")]
    words = tokenizer()
    [example] = Tokens(words, "causal", None)(pairs)
    assert words.decode(example.prompt) == pairs[0].prompt
    assert words.decode(example.completion[:-1]) == pairs[0].completion
    assert example.completion[-1] == words.eos_token_id
    [example] = Tokens(words, "seq2seq", None)(pairs)
    assert example.completion[-1] == words.eos_token_id


def test_what_would_be_cut_is_refused_or_dropped_and_counted(tmp_path: Path) -> None:
    long = [*made(20), Sample("long", "call ann in oslo now " * 30, "en", ["Call"], [])]
    with pytest.raises(Refusal, match=r"^long: \d+ tokens do not fit max_length = 60"):
        train_generator(long, made(2, 1), changed(max_length=60), tmp_path)
    record = train_generator(long, made(2, 1), changed(max_length=60, on_long="drop", max_steps=1), tmp_path)
    assert record.skipped == {"longer than max_length": 1}
    with pytest.raises(Refusal, match="no sample of train fits"):
        train_generator(made(5), made(2, 1), changed(max_length=3, on_long="drop"), tmp_path)


def word_level(path: Path, pad: bool = True, eos: bool = True) -> Path:
    """A model whose tokenizer knows few words and no marks."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    known = ["<unk>", "</s>", "<pad>", "Call", "Book", "NER", "name", "place", "/", ":", ";"]
    known += sorted({word for sample in made(60) for word in sample.text.split()} - set(known))
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(known)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()])
    marks = {"unk_token": "<unk>"} | ({"pad_token": "<pad>"} if pad else {}) | ({"eos_token": "</s>"} if eos else {})
    causal("llama", len(known)).save_pretrained(path)
    PreTrainedTokenizerFast(tokenizer_object=words, **marks).save_pretrained(path)
    return path


def test_characters_that_the_tokenizer_lacks(tmp_path: Path) -> None:
    model = str(word_level(tmp_path / "words"))
    settings = changed(model=model, format="slg", max_steps=1, substitution=0.0)
    with pytest.raises(Refusal, match=r"^made/0/0: the tokenizer cannot say '<>' of the completion.*unknown=add"):
        train_generator(made(9), made(2, 1), settings, tmp_path / "out")
    record = train_generator(made(9), made(2, 1), msgspec.structs.replace(settings, unknown="add"), tmp_path / "out")
    assert {"<", ">"} <= set(record.added)
    import transformers

    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    assert words.unk_token_id not in words("<Call>NER:name;ann", add_special_tokens=False)["input_ids"]
    with pytest.raises(Refusal, match="needs method=full"):
        train_generator(
            made(9), None, msgspec.structs.replace(settings, unknown="add", method="lora"), tmp_path / "lora"
        )


def test_a_tokenizer_without_padding_pads_with_its_end(tmp_path: Path) -> None:
    model = str(word_level(tmp_path / "nopad", pad=False))
    record = train_generator(made(9), made(2, 1), changed(model=model, max_steps=1, substitution=0.0), tmp_path / "out")
    assert record.curve[0].dev is not None
    model = str(word_level(tmp_path / "noeos", eos=False))
    with pytest.raises(Refusal, match="no end-of-sequence token"):
        train_generator(made(9), made(2, 1), changed(model=model), tmp_path / "out")


def test_an_encoder_decoder_is_not_packed(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="an encoder-decoder cannot tell packed samples apart"):
        train_generator(made(9), None, changed(model="new:seq2seq", batching="packed"), tmp_path)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in (str(tmp_path / "empty"), str(tmp_path / "absent"), "new:gru"):
        with pytest.raises(ModelFault, match=r"cannot be opened|new models are"):
            train_generator(made(9), None, changed(model=name), tmp_path / "out")
    base = folder(tmp_path / "base")
    with pytest.raises(MissingExtra, match=r"pip install 'pointline\[qlora\]'"):
        train_generator(made(9), None, changed(model=str(base), method="qlora"), tmp_path / "out")
    with pytest.raises(Refusal, match="new model has no weights to adapt"):
        train_generator(made(9), None, changed(model="new:causal", method="lora"), tmp_path / "out")


def test_empty_and_mixed_data_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InputFault, match="holds no sample"):
        train_generator(read_records(tmp_path / "empty.jsonl"), None, TINY, tmp_path / "out")
    with pytest.raises(Refusal, match="no sample to train on"):
        gather([], None, chosen(TINY))
    with pytest.raises(Refusal, match="mixes samples and pairs"):
        gather([*made(5), Pair("p", "ner", "", "a", "b")], made(2), chosen(TINY))
    with pytest.raises(Refusal, match=r"the format holds no sample of train \(4 no_label_inventory"):
        gather([Sample(str(i), "a b", entities=[]) for i in range(4)], made(0), chosen(changed(format="giellm")))
    with pytest.raises(Refusal, match="unknown format 'oielm'; did you mean 'oiellm'"):
        gather(made(3), None, chosen(changed(format="oielm")))


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(SettingsFault, match="preset 'iepille' is unknown; did you mean 'iepile'"):
        GeneratorTraining(preset="iepille")
    with pytest.raises(SettingsFault, match="batch = 0"):
        GeneratorTraining(batch=0)
    with pytest.raises(SettingsFault, match="even multiple of heads"):
        GeneratorTraining(width=100, heads=6)


def test_presets_are_the_published_recipes() -> None:
    iepile = chosen(GeneratorTraining(model="llama", preset="iepile"))
    assert (iepile.method, iepile.lora_rank, iepile.lora_alpha, iepile.lora_dropout) == ("lora", 64, 64, 0.05)
    assert (iepile.epochs, iepile.learning_rate, iepile.batch, iepile.accumulate) == (5, 5e-5, 20, 4)
    assert iepile.optimizer == "adam"
    oiellm = chosen(GeneratorTraining(model="llama"))
    assert (oiellm.preset, oiellm.epochs, oiellm.learning_rate, oiellm.warm_up) == ("oiellm", 3, 1e-5, 100)
    assert (oiellm.method, oiellm.optimizer) == ("full", "adamw")
    slg = chosen(GeneratorTraining(model="t5", preset="slg", epochs=1))
    assert (slg.learning_rate, slg.batch, slg.epochs) == (1e-4, 8, 1)
    assert chosen(GeneratorTraining()).preset == "small"
    assert all(row.source for row in PRESETS.values())


def test_the_limit_is_the_models_own() -> None:
    words = tokenizer()
    opened = models.Opened(causal("llama", len(words)), words, "causal")
    assert models.longest(opened, TINY) == opened.model.config.max_position_embeddings
    assert models.longest(opened, changed(max_length=9)) == 9


def test_half_precision_trains_on_a_cpu_too(tmp_path: Path) -> None:
    """Autocast of torch; the weights stay in 32 bits, the losses are near those of whole precision."""
    import torch
    from safetensors.torch import load as read

    records = {}
    for precision in ("float32", "bf16"):
        settings = msgspec.structs.replace(TINY, precision=precision, max_steps=4)
        records[precision] = train_generator(made(24), made(4, 1), settings, tmp_path / precision)
        [data] = weights(tmp_path / precision).values()
        assert {tensor.dtype for tensor in read(data).values()} == {torch.float32}
    assert records["bf16"].precision == "bf16"
    whole, half = ([loss for _, loss in records[name].losses] for name in ("float32", "bf16"))
    assert half != whole
    assert half == pytest.approx(whole, abs=0.05)
    assert half[-1] < half[0]
