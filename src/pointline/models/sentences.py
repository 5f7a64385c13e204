"""A local sentence encoder (transformers): texts to vectors, the mean over each text's tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pointline.errors import MissingExtra, ModelFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def sentence_encoder(folder: str | Path) -> Callable[[list[str]], NDArray[np.float64]]:
    """Load an encoder from a folder; what it returns takes n texts and gives an array of shape (n, d).

    Nothing is fetched: the folder must hold weights and tokenizer. Raises ModelFault where it does not, MissingExtra
    without the extra `hf`.
    """
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        raise MissingExtra("hf", "transformers") from None
    from pointline.models.damaged import DAMAGED

    path = Path(folder)
    if not path.is_dir():
        raise ModelFault(f"{folder}: is no folder with a sentence encoder; check the path")
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
        model = AutoModel.from_pretrained(path, local_files_only=True).eval()
    except DAMAGED as error:
        what = str(error).splitlines()[0]
        raise ModelFault(f"{folder}: holds no sentence encoder that transformers can load ({what})") from None

    def embed(texts: list[str]) -> NDArray[np.float64]:
        with torch.inference_mode():
            batch = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
            states = model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1)
            means: NDArray[np.float64] = ((states * mask).sum(1) / mask.sum(1)).double().numpy()
            return means

    return embed
