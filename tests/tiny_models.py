"""Tokenizers and random-weight models made on the spot: small, of every kind that generators use."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

WORDS = "news sport good bad Bob met Ann in Tokyo at half past ten play some jazz by Miles Davis the red fox is from at"
TEXTS = [
    WORDS,
    "PER LOC TIME ORG MISC head tail subject object trigger arguments relation extraction event extraction NER NAN",
    "東京都の田中さんは昨日、京都で会議に出席した。株式会社の製品名はガンダムです。関係抽出とイベント抽出、固有表現抽出",
    "時間と名前 ｶﾞ 说是 é 한국어 مرحبا",
    "北京大学的王先生昨天在上海参加了会议。实体命名识别，关系抽取，事件抽取，人物地点时间组织",
    "(0123456789) [a] {b} <c> /d/ :e; , . ! ? ' \" \\ - _ + = * & % $ # @ ~ | ^ `",
    'abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ {"PER": ["Bob"], "LOC": []}',
]
CORPUS = [text for text in TEXTS for _ in range(3)]
KINDS = ("byte-level", "byte-fallback", "unigram")


@cache
def tokenizer(kind: str) -> Any:
    """A fast Hugging Face tokenizer: "byte-level" (GPT-2's way), "byte-fallback" (Llama's), "unigram" (T5's)."""
    return {"byte-level": _byte_level, "byte-fallback": _byte_fallback, "unigram": _unigram}[kind]()


def model(kind: str, seed: int = 0, **sizes: int) -> Any:
    """A random-weight model for a tokenizer of `kind`: T5 for "unigram", else Llama."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration

    tok = tokenizer(kind)
    torch.manual_seed(seed)
    if kind == "unigram":
        shape = {"d_model": 32, "d_ff": 64, "num_layers": 1, "num_heads": 2, "d_kv": 16, **sizes}
        config = T5Config(vocab_size=len(tok), decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, **shape)
        return T5ForConditionalGeneration(config).eval()
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, **sizes}
    config = LlamaConfig(
        vocab_size=len(tok), pad_token_id=None, bos_token_id=None, eos_token_id=tok.eos_token_id, **shape
    )
    return LlamaForCausalLM(config).eval()


def _byte_level() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False
    )
    tok.train_from_iterator(CORPUS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tok, eos_token="<|end|>")


def _byte_fallback() -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, trainers
    from transformers import PreTrainedTokenizerFast

    specials = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tok = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tok.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tok.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tok.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=900, special_tokens=specials, show_progress=False))
    plain = _without_byte_specials(tok.to_str())
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(plain), eos_token="</s>", bos_token="<s>", unk_token="<unk>"
    )


def _without_byte_specials(text: str) -> str:
    import json

    parts = json.loads(text)
    parts["added_tokens"] = [token for token in parts["added_tokens"] if not token["content"].startswith("<0x")]
    return json.dumps(parts)


def _unigram() -> Any:
    import sentencepiece as spm
    from sentencepiece import sentencepiece_model_pb2 as pb2
    from transformers import T5Tokenizer

    out = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=out, vocab_size=420, model_type="unigram", pad_id=0, eos_id=1,
        unk_id=2, bos_id=-1, character_coverage=1.0, normalization_rule_name="nmt_nfkc", minloglevel=2,
        hard_vocab_limit=False,
    )  # fmt: skip
    proto = pb2.ModelProto()
    proto.ParseFromString(out.getvalue())
    vocab = [(piece.piece, piece.score) for piece in proto.pieces]
    return T5Tokenizer(vocab=vocab, _spm_precompiled_charsmap=proto.normalizer_spec.precompiled_charsmap, extra_ids=0)


@cache
def with_sentinel() -> Any:
    """T5's tokenizer with `<extra_id_0>`."""
    import copy

    tok = copy.deepcopy(tokenizer("unigram"))
    tok.add_special_tokens({"additional_special_tokens": ["<extra_id_0>"]})
    return tok


def t5(tok: Any, seed: int = 0) -> Any:
    """A random-weight T5 with a row for each piece of `tok`."""
    found = model("unigram", seed)
    found.resize_token_embeddings(len(tok), mean_resizing=False)
    return found


@cache
def wordpiece() -> Any:
    """BERT's tokenizer."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer()
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=specials, show_progress=False)
    tok.train_from_iterator(CORPUS, trainer)
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    tok.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), specials, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=tok, **names)


def masked(seed: int = 0) -> Any:
    """A random-weight BERT with its tokenizer, opened."""
    import torch
    from transformers import BertConfig, BertForMaskedLM

    from pointline.studies.verbalizer.opening import Opened

    fast = wordpiece()
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(fast), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    return Opened(BertForMaskedLM(config).eval(), fast, "masked", None)
