"""Training rows for entities, the common case in one pass: texts that need no escaping, spans that stand in them.

The bytes are those of the general way (`pairs`, `writing`); a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Callable
from json.encoder import encode_basestring

from pointline.formats.iepile_writing import NAN
from pointline.instruct.batches import REMEMBERED, Batcher
from pointline.instruct.writing import Writer
from pointline.sample import Sample


class Swift:
    """Writes the rows of a sample, or gives None where it takes the general way.

    `opened` gives what the prompts of a language begin with, one for each wording, and `begun` the fields before a
    prompt, by the sample's source.
    """

    def __init__(
        self, writer: Writer, batches: Batcher, opened: Callable[[str], tuple[str, ...]], keep_id: bool
    ) -> None:
        self._position, self._batches, self._opened, self._keep_id = writer.position, batches, opened, keep_id
        self._asked, self._empty = writer.asked, writer.empty
        self._begun = {label.key: empty[:-1] for label, empty in zip(writer.labels, writer.empty, strict=True)}
        self._before_text = writer.before_text
        self._fronts: dict[tuple[str, str], str] = {}
        self.sizes: dict[tuple[str | None, int], int] = {}
        """How many samples of a split were asked for so many labels."""

    def __call__(self, sample: Sample, key: str) -> list[str] | None:
        """The rows of a sample as JSON lines; its draws belong to `key`."""
        text = sample.text
        front = self._fronts.get((sample.source or "", sample.lang or "")) or self._front(sample)
        if not front or "\\" in encode_basestring(text) or NAN in text:
            return None
        begun, found = self._begun, dict[str, str]()
        for entity in sample.entities or ():
            wording, kind = entity.text, entity.type
            if not wording or text[entity.start : entity.end] != wording:
                return None
            if kind in found:
                found[kind] += f', \\"{wording}\\"'
            elif kind in begun:
                found[kind] = f'{begun[kind]}\\"{wording}\\"'
            else:
                return None
        position, said = self._position, self._empty.copy()
        for kind, answer in found.items():
            said[position[kind]] = answer + "]"
        asked, cuts = self._batches.drawn(key, tuple(sorted([position[kind] for kind in found])))
        counted = sample.split, len(asked)
        self.sizes[counted] = self.sizes.get(counted, 0) + 1
        names, entries, join = self._asked, [said[label] for label in asked], ", ".join
        names = [names[label] for label in asked]
        if self._keep_id:
            front = f'{{"id":{encode_basestring(sample.id)},{front[1:]}'
        middle = f'{self._before_text}\\"{text}\\"}}","output":"{{'
        return [f'{front}{join(names[a:b])}{middle}{join(entries[a:b])}}}"}}' for a, b in cuts]

    def _front(self, sample: Sample) -> str:
        """What every row of a source and language begins with; "" where that is not told, or where wordings vary."""
        openings = self._opened(sample.lang) if sample.lang else ()
        if len(openings) != 1 or sample.source is None:
            return ""
        front = f'{{"task":"NER","source":{encode_basestring(sample.source)},"instruction":"{openings[0]}'
        if len(self._fronts) >= REMEMBERED:
            self._fronts.clear()
        self._fronts[sample.source, sample.lang or ""] = front
        return front
