"""A pretrained Hugging Face encoder under the tagger: pieces in, one vector a word out."""

from __future__ import annotations

from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from pointline.errors import MissingExtra, ModelFault
from pointline.models.damaged import DAMAGED
from pointline.models.tagger.batch import PieceBatch
from pointline.models.tagger.subwords import Subwords

POSITIONS = 512


class PretrainedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is stored of an encoder beside its weights: its config, the special tokens around a text."""

    config: dict[str, Any]
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]


class Pretrained(nn.Module):
    """Any encoder that `AutoModel` knows; a text longer than its positions is read in stretches."""

    prefix: Tensor
    suffix: Tensor

    def __init__(self, settings: PretrainedSettings) -> None:
        super().__init__()
        transformers = _transformers()
        config = dict(settings.config)
        model = transformers.AutoConfig.for_model(config.pop("model_type"), **config)
        self.model = transformers.AutoModel.from_config(model, dtype=torch.float32)
        self.width: int = model.hidden_size
        self.register_buffer("prefix", torch.tensor(settings.prefix, dtype=torch.long), persistent=False)
        self.register_buffer("suffix", torch.tensor(settings.suffix, dtype=torch.long), persistent=False)
        positions = getattr(model, "max_position_embeddings", POSITIONS) or POSITIONS
        self.room = min(positions, POSITIONS) - len(settings.prefix) - len(settings.suffix) - 2

    def forward(self, pieces: PieceBatch) -> Tensor:
        """Mean state of each word's pieces, zeros where it has none: (batch, n, width)."""
        count, longest = pieces.ids.shape
        states = torch.zeros(count, longest + 1, self.width)
        for at in range(0, longest, self.room):
            lengths = (pieces.lengths - at).clamp(0, self.room)
            rows = lengths > 0
            said = self._stretch(pieces.ids[rows, at : at + self.room], lengths[rows])
            states[rows, at + 1 : at + 1 + said.shape[1]] = said
        sums = states.cumsum(1)
        picked = [sums.gather(1, place[..., None].expand(-1, -1, self.width)) for place in (pieces.starts, pieces.ends)]
        return (picked[1] - picked[0]) / (pieces.ends - pieces.starts).clamp(min=1)[..., None]

    def _stretch(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """(rows, p) pieces between the special tokens to (rows, p, width) states, zeros behind each row's length."""
        before, after = len(self.prefix), len(self.suffix)
        rows, width = ids.shape
        place = torch.arange(before + width + after)[None] - before
        inputs = torch.cat([self.prefix.expand(rows, -1), ids, ids.new_zeros(rows, after)], 1)
        for number in range(after):
            inputs = torch.where(place == lengths[:, None] + number, self.suffix[number], inputs)
        mask = place < lengths[:, None] + after
        states = self.model(input_ids=inputs, attention_mask=mask.long()).last_hidden_state
        found: Tensor = (
            states[:, before : before + width] * (place[:, before : before + width] < lengths[:, None])[..., None]
        )
        return found


def open_pretrained(path: str) -> tuple[PretrainedSettings, str, dict[str, Tensor]]:
    """An encoder's settings, the text of its `tokenizer.json`, its weights; raises ModelFault where it is none."""
    transformers = _transformers()
    transformers.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(path)
        model = transformers.AutoModel.from_pretrained(path, dtype=torch.float32)
        definition = tokenizer.backend_tokenizer.to_str()
    except DAMAGED as error:
        what = str(error).strip().partition("\n")[0]
        raise ModelFault(
            f"{path} cannot be opened as a Hugging Face encoder with a fast tokenizer ({what}); check the path"
        ) from None
    finally:
        transformers.logging.enable_progress_bar()
    if model.config.is_encoder_decoder or not hasattr(model.config, "hidden_size"):
        raise ModelFault(f"{path} is no encoder of the BERT kind; give one, such as BERT, XLM-R or DeBERTa")
    prefix, suffix = Subwords(definition).marks()
    config = {name: value for name, value in model.config.to_diff_dict().items() if not name.startswith("_")}
    config["model_type"] = model.config.model_type
    settings = PretrainedSettings(msgspec.to_builtins(config, enc_hook=str), prefix, suffix)
    return settings, definition, model.state_dict()


def _transformers() -> Any:
    try:
        import transformers
    except ModuleNotFoundError:
        raise MissingExtra("hf", "transformers") from None
    return transformers
