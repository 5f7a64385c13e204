"""Which words of the lists stand in a text."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pointline.sample import Sample
from pointline.studies.verbalizer.words import WordLists, words
from pointline.text.scripts import spaced


class Finder:
    """Finds the words of lists in texts: whole words where spaces part them, else any place in the text."""

    def __init__(self, lists: WordLists) -> None:
        self.labels = list(lists.words)
        self._owners: dict[str, list[int]] = {}
        for at, held in enumerate(lists.words.values()):
            for word in held:
                self._owners.setdefault(word, []).append(at)
        self._cut = {tuple(words(word)): word for word in self._owners if spaced(word)}
        self._longest = max(map(len, self._cut), default=0)

    def counts(self, samples: Iterable[Sample]) -> NDArray[np.float64]:
        """How many different words of each label's list stand in each text: (N, L).

        >>> lists = WordLists({"Book": {"table": 1.0}, "Play": {"free jazz": 1.0, "jazz": 1.0}})
        >>> Finder(lists).counts([Sample("1", "Play free jazz, jazz!"), Sample("2", "stable")]).tolist()
        [[0.0, 2.0], [0.0, 0.0]]
        """
        rows = [self._row(sample) for sample in samples]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.labels))

    def _row(self, sample: Sample) -> NDArray[np.float64]:
        row = np.zeros(len(self.labels))
        for word in self._found(sample):
            row[self._owners[word]] += 1
        return row

    def _found(self, sample: Sample) -> set[str]:
        if not spaced(sample.text, sample.lang):
            text = sample.text.casefold()
            return {word for word in self._owners if word in text}
        cut = list(words(sample.text, sample.lang))
        sizes = range(1, self._longest + 1)
        grams = {tuple(cut[at : at + size]) for size in sizes for at in range(len(cut) - size + 1)}
        return {self._cut[gram] for gram in grams & self._cut.keys()}
