"""A tagger on disk: settings and inventories as JSON, weights as safetensors, each with its hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import torch
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors
from torch import Tensor

from pointline import jsonl
from pointline.errors import ModelFault
from pointline.models.extractor import read_card
from pointline.models.tagger.encode import Inventory
from pointline.models.tagger.features import FeatureSettings
from pointline.models.tagger.network import Network
from pointline.models.tagger.reader import NetworkSettings
from pointline.models.tagger.structure import Structure
from pointline.version import __version__

FORMAT, FORMAT_WITH_STRUCTURE = 1, 2
_WEIGHTS, _WORDS, _GAZETTEER, _CARD = "weights.safetensors", "words.json", "gazetteer.json", "model.json"
_SUBWORDS = "tokenizer.json"


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`model.json`: what the folder holds and how to rebuild it. Format 2 adds relations and events."""

    kind: str
    format: int
    version: str
    network: NetworkSettings
    features: FeatureSettings
    labels: tuple[str, ...] | None
    types: tuple[str, ...] | None
    multi: bool
    sha256: dict[str, str]
    structure: Structure | msgspec.UnsetType = msgspec.UNSET


def save(folder: Path, network: Network, inventory: Inventory, features: FeatureSettings) -> None:
    """Write the files, each beside its name and moved; `model.json`, which vouches for the others, last."""
    tensors = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    contents = {_WEIGHTS: write_tensors(tensors), _WORDS: msgspec.json.encode(inventory.words)}
    if inventory.gazetteer is not None:
        contents[_GAZETTEER] = msgspec.json.encode(inventory.gazetteer)
    if inventory.subwords is not None:
        contents[_SUBWORDS] = inventory.subwords.encode()
    card = Card(
        kind="tagger",
        format=FORMAT_WITH_STRUCTURE if inventory.structure else FORMAT,
        version=__version__,
        network=network.settings,
        features=features,
        labels=inventory.labels,
        types=inventory.types,
        multi=inventory.multi,
        sha256={name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
        structure=inventory.structure,
    )
    contents[_CARD] = msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"
    for name, data in contents.items():
        with jsonl.writing(folder / name) as file:
            file.write(data)


def fingerprint(network: Network, inventory: Inventory, features: FeatureSettings) -> str:
    """SHA-256 over everything that decides what a tagger answers."""
    seen = hashlib.sha256(msgspec.json.encode((network.settings, inventory, features)))
    for name, tensor in network.state_dict().items():
        seen.update(name.encode())
        seen.update(tensor.half().contiguous().numpy().tobytes())
    return seen.hexdigest()


def load(folder: Path) -> tuple[NetworkSettings, Inventory, FeatureSettings, dict[str, Tensor]]:
    """Read and check the files; raises ModelFault with one line that says what is wrong."""
    found = read_card(folder).get("format")
    if found not in (FORMAT, FORMAT_WITH_STRUCTURE):
        raise ModelFault(
            f"{folder}: the model has format {found!r}, this pointline reads 1 to {FORMAT_WITH_STRUCTURE}; "
            "train it again or install the version that wrote it"
        )
    try:
        card = msgspec.json.decode((folder / _CARD).read_bytes(), type=Card)
    except msgspec.ValidationError as error:
        raise ModelFault(f"{folder / _CARD}: {error}; train the model again") from None
    names = [_WEIGHTS, _WORDS, *(name for name in (_GAZETTEER, _SUBWORDS) if name in card.sha256)]
    contents = {name: _checked(folder / name, card.sha256.get(name)) for name in names}
    words = msgspec.json.decode(contents[_WORDS], type=tuple[str, ...])
    gazetteer = None
    if _GAZETTEER in contents:
        gazetteer = msgspec.json.decode(contents[_GAZETTEER], type=dict[str, dict[str, int]])
    subwords = contents[_SUBWORDS].decode() if _SUBWORDS in contents else None
    inventory = Inventory(words, card.labels, card.types, card.multi, gazetteer, subwords, card.structure)
    weights = {name: tensor.to(torch.float32) for name, tensor in read_tensors(contents[_WEIGHTS]).items()}
    return card.network, inventory, card.features, weights


def _checked(path: Path, digest: str | None) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFault(f"{path}: {error.strerror}; the model is not complete, train it again") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise ModelFault(
            f"{path} is not the file that model.json vouches for (its SHA-256 differs); copy the model again"
        )
    return data
