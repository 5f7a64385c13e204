"""The word lists of each arm: told, or made of the annotations of train or of the shots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from pointline.errors import SettingsFault
from pointline.sample import Entity, Sample
from pointline.settings import read_toml
from pointline.studies.verbalizer.belonging import belonging
from pointline.studies.verbalizer.settings import Arm, VerbalizerSettings
from pointline.studies.verbalizer.shots import label_of
from pointline.studies.verbalizer.told import listed, read_lists
from pointline.studies.verbalizer.words import WordLists, WordSettings, word_lists

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINTS = re.compile(r"[\W_]+")


class Sources(msgspec.Struct, frozen=True):
    """Files that word lists come from: of told lists, and a TOML file of type -> label."""

    lists: str | None = None
    types: str | None = None


def lists_of(
    arm: Arm, samples: Sequence[Sample], labels: Sequence[str], settings: VerbalizerSettings, sources: Sources
) -> WordLists:
    """The lists of an arm with a row for each of `labels`; annotated ones are made of `samples`.

    Raises SettingsFault where told lists are missing, InputFault for a file at fault, Refusal where the annotations
    give no words.
    """
    if arm == "plain":
        return listed({label: [name_of(label)] for label in labels}, shared=True)
    if arm == "origin":
        if sources.lists is None:
            raise SettingsFault("the lists of `origin` are told; give a file of label -> words")
        found = read_lists(sources.lists, labels, shared=settings.shared)
    else:
        reading = "types" if arm == "wli-types" else "texts"
        samples = [as_words(sample) for sample in samples] if arm == "all-words" else samples
        how = WordSettings(reading, settings.size, settings.weight, settings.shared)  # type: ignore[arg-type]
        found = word_lists(samples, how, types_of(samples, sources) if reading == "types" else None)
    return WordLists({label: found.words.get(label, {}) for label in labels}, found.dropped)


def types_of(samples: Sequence[Sample], sources: Sources) -> Mapping[str, str]:
    """Which label each type belongs to: as the file says, else as the samples show."""
    if sources.types is None:
        return belonging(samples)
    told = read_toml(sources.types)
    known = {label_of(sample) for sample in samples}
    for kind, label in told.items():
        if label not in known:
            raise SettingsFault(f"{sources.types}: {kind} = {label!r} is no label of the samples")
    return told


def as_words(sample: Sample) -> Sample:
    """The sample with its whole text as the one thing annotated."""
    whole = [Entity("text", sample.text)]
    return msgspec.structs.replace(sample, entities=whole, relations=None, events=None)


def named(lists: WordLists) -> tuple[WordLists, list[str]]:
    """The lists with a label's own name where it has no word, and the labels so named.

    >>> named(WordLists({"PlayMusic": {}}))[0].words
    {'PlayMusic': {'play music': 1.0}}
    """
    bare = [label for label, words in lists.words.items() if not words]
    words = {label: held or {name_of(label): 1.0} for label, held in lists.words.items()}
    return WordLists(words, lists.dropped), bare


def name_of(label: str) -> str:
    """A label's name as words.

    >>> name_of("alarm/set_alarm"), name_of("PlayMusic"), name_of("总体")
    ('alarm set alarm', 'play music', '总体')
    """
    parts = [part for part in _JOINTS.split(_HUMP.sub(" ", label)) if part]
    return " ".join(parts).casefold() or label
