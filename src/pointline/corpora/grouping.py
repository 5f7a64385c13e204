"""Records that repeat a text, one for each pair or question, gathered into one sample a text."""

from __future__ import annotations

from collections.abc import Iterator

from pointline.sample import Sample, span_key


class Group:
    """Gathers samples by text, in the order of their first appearance; holds all of them until the end.

    >>> group = Group(); group.add(Sample("1", "a", labels=["x"])); group.add(Sample("2", "a", labels=["y"]))
    >>> [(s.id, s.labels) for s in group]
    [('1', ['x', 'y'])]
    """

    def __init__(self) -> None:
        self._held: dict[str, Sample] = {}
        self.gathered = 0
        """Samples that were put to another one."""

    def add(self, sample: Sample) -> None:
        """Put a sample to the others of its text: labels and spans once each, relations as they come."""
        held = self._held.setdefault(sample.text, sample)
        if held is sample:
            return
        self.gathered += 1
        if sample.labels is not None:
            held.labels = list(dict.fromkeys([*(held.labels or ()), *sample.labels]))
        if sample.entities is not None:
            known = {(*span_key(entity), entity.text) for entity in held.entities or ()}
            fresh = [e for e in sample.entities if (*span_key(e), e.text) not in known]
            held.entities = [*(held.entities or ()), *fresh]
        if sample.relations is not None:
            fresh_relations = [r for r in sample.relations if r not in (held.relations or ())]
            held.relations = [*(held.relations or ()), *fresh_relations]
        if sample.events is not None:
            fresh_events = [e for e in sample.events if e not in (held.events or ())]
            held.events = [*(held.events or ()), *fresh_events]
        for key, value in sample.meta.items():
            held.meta.setdefault(key, value)

    def __iter__(self) -> Iterator[Sample]:
        """Every sample, in the order of the first appearance of its text."""
        yield from self._held.values()
