"""The strings of one task's instructions: what does not change is written as JSON once, the rest joined.

The bytes are those of `formats.iepile_writing` (`instruction` and `answer`); a test holds them equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from json.encoder import encode_basestring

import msgspec

from pointline.errors import Refusal
from pointline.formats.iepile_writing import Entry, answer, entries, given
from pointline.instruct.batches import Batch
from pointline.instruct.event_answers import EventAnswers
from pointline.instruct.labels import Label, Task, keys_in, labels_of, triple_key
from pointline.sample import Sample
from pointline.schema import Schema

_quote = encode_basestring
_dumps = json.JSONEncoder(ensure_ascii=False).encode


class Writer:
    """Writes prompts and completions of a task; labels are positions in `labels`.

    `describe` sets descriptions beside the names: `{name: description}` for plain names, a field `description` else.
    With `escaped` all strings come out as they stand inside a JSON string: escaping each piece once is escaping the
    whole, and a row of a file costs no second encoding. Raises Refusal where the schema does not ask for the task.

    >>> from pointline.sample import Entity
    >>> writer = Writer(Schema().entities(["PER", "LOC"]), "ner")
    >>> bob = Sample("1", "Bob", entities=[Entity("PER", "Bob", 0, 3)])
    >>> writer.written([(1, 0)], writer.annotation(bob)[1], bob)
    [('"LOC", "PER"', '{"LOC": [], "PER": ["Bob"]}')]
    """

    def __init__(self, schema: Schema, task: Task, *, describe: bool = False, escaped: bool = False) -> None:
        self.task = task
        self._form = _escape if escaped else _same
        self._string = _quote_escaped if escaped else quote
        self._name = task.upper()
        self.labels = tuple(label for label in labels_of(schema, task) if label.key)
        rows: dict[str, Entry] = {}
        for row in entries(self._name, schema):
            rows.setdefault(_key(row), row)
        if list(rows) != [label.key for label in self.labels]:
            raise Refusal(f"labels of task {task!r} share a name; give each its own")
        self.position = {label.key: i for i, label in enumerate(self.labels)}
        self._rows = list(rows.values())
        self._named = describe and task in ("ner", "re", "eet")
        self.before_text = self._form(f'{"}" if self._named else "]"}, "input": ')
        asked = [_asked(row, label, describe) for row, label in zip(self._rows, self.labels, strict=True)]
        self.asked = [self._form(row) for row in asked]
        self._keys = [_dumps(_top(row)) + ": " for row in self._rows]
        self.empty = [self._form(key + ("{}" if task == "kg" else "[]")) for key in self._keys]
        tops = [_top(row) for row in self._rows]
        self._shared = len(set(tops)) < len(tops)
        self._events = EventAnswers(self._rows if task == "ee" else ())

    def annotation(self, sample: Sample) -> tuple[tuple[int, ...], list[str]]:
        """(the labels that a sample shows, in rising order; for every label what the sample says: `"name": value`).

        Raises Refusal for a label that the schema lacks and CannotHold (formats) for a role that its entry lacks.
        """
        said = self.empty.copy()
        if self.task == "ner":
            found: dict[str, list[str]] = {}
            for entity in sample.entities or ():
                found.setdefault(entity.type, []).append(_quote(entity.text))
            positives = self._positions(sample, found)
            for kind, texts in found.items():
                at = self.position[kind]
                said[at] = self._form(f"{self._keys[at]}[{', '.join(texts)}]")
            return positives, said
        positives = self._positions(sample, keys_in(sample, self.task))
        if self.task == "ee":
            answers = self._events(sample)
            for label in positives:
                said[label] = self._form(self._keys[label] + answers[self.labels[label].key])
            return positives, said
        for label in positives:
            said[label] = self._answer(sample, (label,))
        return positives, said

    def _positions(self, sample: Sample, keys: Iterable[str]) -> tuple[int, ...]:
        try:
            return tuple(sorted([self.position[key] for key in keys]))
        except KeyError as error:
            what = f"label {error.args[0]!r} is not in the schema; add it there or map it away"
            raise Refusal(f"sample {sample.id!r}: {what}") from None

    def opening(self, wording: str) -> str:
        """What every prompt of a wording begins with; `wording` is a JSON string already (see `quote`)."""
        return self._form(f'{{"instruction": {wording}, "schema": {"{" if self._named else "["}')

    def closing(self, text: str) -> str:
        """What every prompt of a text ends with."""
        return f"{self.before_text}{self._string(text)}}}"

    def written(self, batches: list[Batch], said: list[str], sample: Sample) -> list[tuple[str, str]]:
        """(the entries asked, the answer) of every batch; a prompt is opening, entries, closing."""
        if self._shared:
            return [(self._entries(batch), self._completion(batch, said, sample)) for batch in batches]
        strings, join = [], ", ".join
        for batch in batches:
            names, answers = map(self.asked.__getitem__, batch), map(said.__getitem__, batch)
            strings.append((join(names), f"{{{join(answers)}}}"))
        return strings

    def given(self, batches: list[Batch], said: list[str], sample: Sample, *, triggers: bool) -> list[tuple[str, str]]:
        """The same for eea, whose entries say what events there are and, in training, their triggers."""
        strings = []
        for batch in batches:
            rows = given([self._rows[label] for label in batch], sample, triggers=triggers)
            strings.append((self._form(", ".join(map(_dumps, rows))), self._completion(batch, said, sample)))
        return strings

    def _entries(self, batch: Batch) -> str:
        """The entries of the labels asked."""
        return ", ".join(map(self.asked.__getitem__, batch))

    def _completion(self, asked: Batch, said: list[str], sample: Sample) -> str:
        """The answer to the labels asked; where several have one key (spo) they are answered under it together."""
        if self._shared and len({self._keys[label] for label in asked}) < len(asked):
            return "{" + self._answer(sample, asked) + "}"
        return "{" + ", ".join(map(said.__getitem__, asked)) + "}"

    def _answer(self, sample: Sample, asked: Batch) -> str:
        """What a sample says of labels. A predicate that the schema has with several types always says which (spo)."""
        rows = [self._rows[label] for label in asked]
        if self.task == "spo":
            tops = {_top(row) for row in rows}
            rows = [row for row in self._rows if _top(row) in tops]
            keys = {self.labels[label].key for label in asked}
            kept = [r for r in sample.relations or () if triple_key(r.head.type, r.type, r.tail.type) in keys]
            sample = msgspec.structs.replace(sample, relations=kept)
        return self._form(answer(self._name, sample, rows)[1:-1])


def quote(text: str) -> str:
    """A string as JSON, characters as they are.

    >>> print(quote('a "b" é'))
    "a \\"b\\" é"
    """
    quoted: str = _quote(text)
    return quoted


def _escape(text: str) -> str:
    """A string as it stands between the quotes of a JSON string."""
    return _quote(text)[1:-1]


def _quote_escaped(text: str) -> str:
    """`_escape(quote(text))`, in one pass where nothing in the text is escaped."""
    quoted: str = _quote(text)
    return _escape(quoted) if "\\" in quoted else f'\\"{quoted[1:-1]}\\"'


def _same(text: str) -> str:
    return text


def _key(row: Entry) -> str:
    if isinstance(row, str):
        return row
    if "predicate" in row:
        return triple_key(row["subject_type"], row["predicate"], row["object_type"])
    return _top(row)


def _top(row: Entry) -> str:
    """The key under which an answer speaks of an entry."""
    if isinstance(row, str):
        return row
    top: str = row.get("predicate") or row.get("event_type") or row.get("entity_type") or ""
    return top


def _asked(row: Entry, label: Label, describe: bool) -> str:
    if not describe:
        return _dumps(row)
    if isinstance(row, str):
        return f"{_dumps(row)}: {_dumps(label.description or '')}"
    return _dumps({**row, "description": label.description} if label.description else row)
