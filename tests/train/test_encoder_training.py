"""A pretrained encoder under the tagger: pieces meet words by offsets, long texts whole, saved, resumed to the bit."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

pytest.importorskip("transformers")

import torch
from made_samples import made
from train.generator.tiny import folder

from pointline.errors import ModelFault
from pointline.models.extractor import load
from pointline.models.tagger.batch import PieceBatch
from pointline.models.tagger.pretrained import Pretrained, open_pretrained
from pointline.models.tagger.subwords import Subwords
from pointline.sample import Sample
from pointline.train.dev import dev_score
from pointline.train.record import Progress
from pointline.train.tagger import fit
from pointline.train.tagger.settings import TaggerTraining, chosen

QUICK = TaggerTraining(batch=16, epochs=8, hidden=16, word_width=32, learning_rate=5e-3, encoder_rate=1e-3, dropout=0.1)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A random BERT of 64 positions with a WordPiece tokenizer that cuts words into letters and pairs."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    path = tmp_path_factory.mktemp("bert")
    letters = "abcdefghijklmnopqrstuvwxyz"
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *("##" + c for c in letters), "東", "京", "##京"]
    words = Tokenizer(models.WordPiece({token: i for i, token in enumerate(tokens)}, unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer()
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    words.enable_truncation(8)
    words.enable_padding(length=8)
    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=words, **marks).save_pretrained(path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    BertModel(BertConfig(vocab_size=len(tokens), max_position_embeddings=64, **sizes)).save_pretrained(path)
    return str(path)


def test_pieces_meet_words_by_offsets(bert: str) -> None:
    _, definition, _ = open_pretrained(bert)
    subwords = Subwords(definition)
    text = "Ab 😀 東京 c"
    pieces = subwords([(0, 2), (3, 4), (5, 6), (6, 7), (8, 9)], text)
    assert (pieces.starts, pieces.ends) == ([0, 2, 3, 4, 5], [2, 3, 4, 5, 6])
    assert subwords.marks() == ((2,), (3,))
    assert len(subwords([(0, 40)], "a" * 40).ids) == 40
    assert subwords([], "") == ([], [0], [0])


def test_a_row_longer_than_the_encoder_is_read_in_stretches(bert: str) -> None:
    settings, _, weights = open_pretrained(bert)
    encoder = Pretrained(settings).eval()
    encoder.model.load_state_dict(weights)
    ids = torch.randint(4, 20, (2, 150))
    place = torch.arange(150)[None].expand(2, -1)
    lengths = torch.tensor([150, 20])
    with torch.no_grad():
        found = encoder(PieceBatch(ids, lengths, place, place + 1))
        alone = encoder(PieceBatch(ids[1:, :20], lengths[1:], place[:1, :20], place[:1, :20] + 1))
        direct = encoder.model(torch.cat([torch.tensor([[2]]), ids[1:, :20], torch.tensor([[3]])], 1)).last_hidden_state
    assert found.shape == (2, 150, 32)
    assert torch.allclose(found[1, :20], alone[0], atol=1e-5)
    assert torch.allclose(alone[0], direct[0, 1:-1], atol=1e-5)
    assert found[1, 20:].abs().max() < 1e-5
    assert found[0].abs().sum(-1).min() > 0


def test_it_is_learned_saved_and_read_back(bert: str, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(QUICK, encoder=bert)
    assert chosen(settings, made(9)).preset == "encoder"
    fit(made(200), made(30, 1), settings, tmp_path / "m")
    model = load(tmp_path / "m")
    test = made(60, 2)
    score = dev_score(test, list(model.extract(test)))
    assert score.TL is not None
    assert score.WL is not None
    assert score.TL > 95
    assert score.WL > 90
    long = Sample("long", " ".join(sample.text for sample in test), "en")
    found = model.extract(long)
    assert found.entities
    assert all(long.text[entity.start : entity.end] == entity.text for entity in found.entities)
    assert model.extract(Sample("empty", " ")).entities == []
    assert load(tmp_path / "m").fingerprint == model.fingerprint


class Stop(Exception):
    pass


def test_a_resumed_training_ends_in_the_same_weights(bert: str, tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.step == 6:
            raise Stop

    settings = msgspec.structs.replace(QUICK, encoder=bert, epochs=3)
    fit(made(60), made(10, 1), settings, tmp_path / "whole")
    with pytest.raises(Stop):
        fit(made(60), made(10, 1), settings, tmp_path / "cut", progress=interrupt)
    fit(made(60), made(10, 1), settings, tmp_path / "cut", resume=True)
    names = ("whole", "cut")
    whole, cut = [(tmp_path / name / "weights.safetensors").read_bytes() for name in names]
    assert whole == cut


def test_what_is_no_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="cannot be opened as a Hugging Face encoder"):
        fit(made(9), None, msgspec.structs.replace(QUICK, encoder=str(tmp_path)), tmp_path / "m")
    seq2seq = tmp_path / "t5"
    from transformers import T5Config, T5ForConditionalGeneration

    words = folder(tmp_path / "base")
    T5ForConditionalGeneration(
        T5Config(vocab_size=330, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    ).save_pretrained(seq2seq)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (seq2seq / name).write_bytes((words / name).read_bytes())
    with pytest.raises(ModelFault, match="no encoder of the BERT kind"):
        fit(made(9), None, msgspec.structs.replace(QUICK, encoder=str(seq2seq)), tmp_path / "m")
