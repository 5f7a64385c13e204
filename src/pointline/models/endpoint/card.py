"""`model.json` of an endpoint: which server and model, the format, what is asked, how. It never holds a key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from pointline import jsonl
from pointline.errors import ModelFault, Refusal, SettingsFault
from pointline.formats.ask import Ask, parse_tasks
from pointline.formats.table import codec
from pointline.formats.words import TASK_LEVEL
from pointline.llm import Endpoint
from pointline.models.endpoint.settings import EndpointSettings
from pointline.models.extractor import read_card
from pointline.schema import Schema
from pointline.version import __version__

CARD = "model.json"
EXAMPLES = "examples.jsonl"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class EndpointCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an endpoint's folder says.

    endpoint: base URL, model, the variable that holds the key, `chat` or `completion`.
    format: the name of the string format, as in `pointline.formats.FORMATS`.
    schema: what is asked where nobody says otherwise.
    tasks: the word-level tasks asked; None = those of the sample or the schema.
    lang: the language of instruction and instruction words; None = the sample's.
    examples: the file of examples in the folder, or None.

    Raises SettingsFault where `key_env` is no name of a variable: a key has no place here.

    >>> import tempfile
    >>> card = EndpointCard(
    ...     endpoint=Endpoint("http://127.0.0.1:8000/v1", "small"), format="oiellm", schema=Schema().entities(["PER"])
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(card, folder)
    ...     EndpointCard.read(folder) == card
    True
    """

    endpoint: Endpoint
    format: str
    schema: Schema
    tasks: tuple[str, ...] | None = None
    lang: str | None = None
    examples: str | None = None
    settings: EndpointSettings = EndpointSettings()
    kind: Literal["endpoint"] = "endpoint"
    version: str = __version__

    def __post_init__(self) -> None:
        if self.endpoint.key_env is not None and not _VARIABLE.fullmatch(self.endpoint.key_env):
            raise SettingsFault(
                "key_env is no name of an environment variable; put the key into a variable and name that"
            )

    def ask(self, schema: Schema | None = None) -> Ask:
        """The question that the card puts; `schema` takes the place of its own."""
        return Ask(self.schema if schema is None else schema, self.tasks or (), lang=self.lang)

    @classmethod
    def read(cls, folder: str | Path) -> EndpointCard:
        """Read a folder's `model.json`; raises ModelFault with the field at fault."""
        path = Path(folder) / CARD
        table = read_card(Path(folder))
        _known(table.get("endpoint"), path)
        try:
            card = msgspec.convert(table, cls)
            parse_tasks(",".join(card.tasks or ()))
            codec(card.format, card.ask())
        except msgspec.ValidationError as error:
            raise ModelFault(f"{path}: {error}; mend the field, or write the folder again") from None
        except (Refusal, SettingsFault) as fault:
            raise ModelFault(f"{path}: {fault}") from None
        if card.examples is not None and Path(card.examples).name != card.examples:
            raise ModelFault(f"{path}: examples: {card.examples!r} is no file of this folder; copy it there")
        return card


def write(card: EndpointCard, folder: str | Path, examples: str | Path | None = None) -> None:
    """Write a model folder that `load` opens: `model.json`, and the examples copied beside.

    Raises InputFault for a faulty file of examples, Refusal for an unknown format or task, or one that the schema does
    not hold.
    """
    for task in parse_tasks(",".join(card.tasks or ())):
        level = TASK_LEVEL[task]
        if card.schema.names(level) is None:
            raise Refusal(
                f"the task {task} asks for {level}, and the schema holds none; add them, or leave the task out"
            )
    codec(card.format, card.ask())
    if examples is not None:
        jsonl.write(Path(folder) / EXAMPLES, jsonl.read(examples))
        card = msgspec.structs.replace(card, examples=EXAMPLES)
    with jsonl.writing(Path(folder) / CARD) as file:
        file.write(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")


def _known(endpoint: Any, path: Path) -> None:
    """Refuse fields that an endpoint has not, without repeating what they hold: it may be a key."""
    known = {field.name for field in msgspec.structs.fields(Endpoint)}
    for name in endpoint if isinstance(endpoint, dict) else ():
        if name not in known:
            fix = "a key stands in an environment variable that `key_env` names"
            raise ModelFault(f"{path}: endpoint.{name}: unknown field; known: {', '.join(sorted(known))}; {fix}")
