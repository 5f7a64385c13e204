"""A checkpoint: everything a training needs to go on as if nothing had happened, in one file moved into place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from pointline import jsonl
from pointline.errors import ModelFault

FILE = "checkpoint/state.safetensors"


def write(folder: Path, modules: dict[str, nn.Module], optimizer: torch.optim.Optimizer, progress: Any) -> None:
    """Save the modules' tensors, the optimizer's, and `progress` (anything JSON holds) as the file's metadata."""
    tensors = {f"{part}/{name}": t for part, module in modules.items() for name, t in module.state_dict().items()}
    for place, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{place}/{name}": tensor for name, tensor in state.items()}
    copies = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    with jsonl.writing(folder / FILE) as file:
        file.write(save(copies, metadata={"progress": msgspec.json.encode(progress).decode()}))


def read(folder: Path, modules: dict[str, nn.Module], optimizer: torch.optim.Optimizer) -> bytes | None:
    """Load what `write` saved into the same objects; returns the progress as JSON, None where nothing was saved."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            progress: str = file.metadata()["progress"]
    except (SafetensorError, OSError, KeyError, TypeError) as error:
        raise ModelFault(f"{path} is damaged ({error}); remove it and train from the start") from None
    for part, module in modules.items():
        module.load_state_dict(_under(tensors, part))
    states: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _under(tensors, "optimizer").items():
        place, _, field = name.partition("/")
        states.setdefault(int(place), {})[field] = tensor
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})
    return progress.encode()


def _under(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    prefix = f"{part}/"
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
