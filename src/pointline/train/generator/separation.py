"""Whether a model keeps packed samples apart: found out by trying, since no config says so."""

from __future__ import annotations

from typing import Any

import torch

from pointline.errors import Refusal
from pointline.train.generator.collate import inputs_of, packed
from pointline.train.generator.tokens import Example

TOLERANCE = 1e-3


def require_separation(model: Any, examples: list[Example], pad: int) -> None:
    """Raise Refusal where what stands before a sample in a packed row changes what the model says of it.

    A sample is read behind two different neighbours of one length; its logits must agree within 1e-3 of their spread.
    """
    if model.config.is_encoder_decoder:
        raise Refusal("batching=packed: an encoder-decoder cannot tell packed samples apart; say batching=grouped")
    second = min(examples, key=lambda example: example.size)
    tokens = second.prompt + second.completion
    other = [token for token in tokens if token != tokens[0]][:1] or [(tokens[0] + 1) % model.config.vocab_size]
    said = [_logits(model, Example("", first, []), second, pad) for first in (tokens, other * len(tokens))]
    spread = float(said[0].std()) or 1.0
    if float((said[0] - said[1]).abs().max()) > TOLERANCE * spread:
        raise Refusal(
            f"batching=packed: {type(model).__name__} lets a sample see its neighbours in the row; say batching=grouped"
        )


@torch.no_grad()
def _logits(model: Any, first: Example, second: Example, pad: int) -> torch.Tensor:
    """(tokens of second, vocabulary), read behind `first`."""
    was_training = model.training
    model.eval()
    batch = packed([first, second], [[0, 1]], pad)
    device = next(model.parameters()).device
    inputs = {name: value.to(device) if torch.is_tensor(value) else value for name, value in inputs_of(batch).items()}
    try:
        logits: torch.Tensor = model(**inputs).logits[0, first.size :].float()
    except TypeError:
        raise Refusal(f"batching=packed: {type(model).__name__} takes no position_ids; say batching=grouped") from None
    finally:
        model.train(was_training)
    return logits
