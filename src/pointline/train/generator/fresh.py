"""Small models from nothing: a tokenizer learned from the texts at hand, and random weights; nothing is fetched."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pointline.train.generator.settings import GeneratorTraining

PAD, END, UNKNOWN = "<|pad|>", "<|end|>", "<|unknown|>"
SPACE = "▁"
CUT = r"[\s▁\p{P}\p{S}\d\p{Han}\p{Hiragana}\p{Katakana}]"
"""Each of these characters is a token (or several bytes), never part of a longer one.

So a word is the same tokens in the text, behind a space, and in the answer, behind a mark: a small model can learn to
copy. The same goes for characters of scripts without spaces.
"""
LONGEST = 4096


def causal_tokenizer(texts: Iterable[str], vocabulary: int) -> Any:
    """A byte-level BPE tokenizer (Sennrich et al. 2016) of so many tokens; it can say every character."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CUT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=[PAD, END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, clean_up_tokenization_spaces=False
    )


def seq2seq_tokenizer(texts: Iterable[str], vocabulary: int) -> Any:
    """A Unigram tokenizer (Kudo 2018) with byte fallback, as T5's: pieces learned by SentencePiece, in one thread."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    cut = pre_tokenizers.Split(Regex(CUT), "isolated")
    tokenizer = Tokenizer(models.Unigram(_pieces(texts, cut, vocabulary), unk_id=2, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
    )


def causal_model(tokenizer: Any, settings: GeneratorTraining) -> Any:
    """A Llama of the sizes set, random weights; the output layer is the embedding."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=settings.width,
            intermediate_size=8 * settings.width // 3 // 8 * 8,
            num_hidden_layers=settings.layers,
            num_attention_heads=settings.heads,
            num_key_value_heads=settings.heads,
            max_position_embeddings=LONGEST,
            attention_dropout=0.1 if settings.dropout is None else settings.dropout,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def seq2seq_model(tokenizer: Any, settings: GeneratorTraining) -> Any:
    """A T5 (version 1.1) of the sizes set, random weights; the output layer is the embedding."""
    from transformers import T5Config, T5ForConditionalGeneration

    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(tokenizer),
            d_model=settings.width,
            d_kv=settings.width // settings.heads,
            d_ff=2 * settings.width,
            num_layers=settings.layers,
            num_decoder_layers=settings.layers,
            num_heads=settings.heads,
            feed_forward_proj="gated-gelu",
            dropout_rate=settings.dropout or 0.0,
            tie_word_embeddings=True,
            decoder_start_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def _pieces(texts: Iterable[str], cut: Any, vocabulary: int) -> list[tuple[str, float]]:
    """Pieces with their log-probabilities; the three special tokens first, the bytes among them."""
    import sentencepiece

    units = Counter(unit for text in texts for unit, _ in cut.pre_tokenize_str(text.replace(" ", SPACE)))
    units.pop(SPACE, None)
    letters = {character for unit in units for character in unit}
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(f"{unit}\t{count}" for unit, count in sorted(units.items()) if unit.strip()),
        input_format="tsv",
        model_writer=model,
        vocab_size=max(vocabulary, len(letters) + 512),
        hard_vocab_limit=False,
        num_threads=1,
        byte_fallback=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        user_defined_symbols=[SPACE],
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        pad_piece=PAD,
        eos_piece=END,
        unk_piece=UNKNOWN,
        minloglevel=2,
    )
    learned = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return [(learned.id_to_piece(i), learned.get_score(i)) for i in range(learned.get_piece_size())]
