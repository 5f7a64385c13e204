"""The papers' own question (MMM, section 3.1, Figure 4): labels translated before, entities listed, one example.

A sample is two lines in the OIELLM format, `Input: {text}/{IW}` and `Output: {label}/{IW}/:{type};{words}...`; the
answer must be the same two lines with the text and the words of the points translated.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pointline.formats.oiellm import Oiellm
from pointline.sample import Sample
from pointline.translate.languages import Language, Pair, known, primary
from pointline.translate.marks import read


class Lines(NamedTuple):
    """The two lines of a sample."""

    input: str
    output: str

    def __str__(self) -> str:
        return f"Input: {self.input}\nOutput: {self.output}"


class Answered(NamedTuple):
    """What an answer said, or the reason why it says nothing."""

    text: str
    output: str
    problem: str = ""


def lines_of(sample: Sample, codec: Oiellm) -> Lines:
    """A sample whose labels are translated already, as two lines; raises CannotHold where the format cannot hold it."""
    [written] = codec.encode(sample)
    return Lines(written.prompt, written.completion)


def question(pair: Pair, lines: Lines, words: list[str]) -> str:
    """Translate the two lines; `words` are the instruction words in the target language, none for text labels alone."""
    word = "/".join(words)
    what = _what(words)
    told = [
        f"Translate a sample of a data set from {pair.source_name} into {pair.target_name}.",
        *what,
        f"- Whatever is in {pair.target_name} already (the label, the names of types, {word}) is copied as it is.",
        *(f"- {rule}" for rule in (*pair.constraints, *pair.glossary_lines(lines.input))),
        "Answer with the translated Input and Output, each behind its name on its own line, and with nothing else.",
        "",
    ]
    told += [
        *_example(pair, word if len(words) == 1 else ""),
        f"{pair.source_name}:",
        str(lines),
        "",
        f"{pair.target_name}:",
    ]
    return "\n".join(told)


def answered(answer: str, words: list[str]) -> Answered:
    """Read an answer: the text before the instruction words, and the whole output line.

    >>> answered("Input: 去上海/NER\\nOutput: trip/NER/:city;上海", ["NER"])
    Answered(text='去上海', output='trip/NER/:city;上海', problem='')
    """
    found = re.search(r"^\s*Input:[ \t]*(.*?)\n\s*Output:[ \t]*(.*?)\s*(?:```\s*)?\Z", answer, re.DOTALL | re.MULTILINE)
    if found is None:
        return Answered("", "", "cut" if re.search(r"^\s*Input:", answer, re.MULTILINE) else "no_translation")
    text, output = found[1].rstrip(), found[2]
    end = "".join(f"/{word}" for word in words)
    if not text.endswith(end):
        return Answered(text, output, "format")
    return Answered(text.removesuffix(end), output)


def _example(pair: Pair, word: str) -> list[str]:
    """The one shot, where both languages have the example; a word of its own would only confuse."""
    ends = [known().languages.get(primary(code)) for code in (pair.source, pair.target)]
    if not word or pair.example is None or ends[0] is None or ends[1] is None:
        return []
    shown = [str(_shown(end, ends[1], word)) for end in ends if end is not None]
    return ["Example", f"{pair.source_name}:", shown[0], f"{pair.target_name}:", shown[1], ""]


def _shown(end: Language, target: Language, word: str) -> Lines:
    text, places, _ = read(end.text or "")
    spans = [text[slice(*places[number])] for number in sorted(places)]
    points = "".join(f":{type};{span}" for type, span in zip(target.types, spans, strict=True))
    return Lines(f"{text}/{word}", f"{target.label}/{word}/{points}")


def _what(words: list[str]) -> list[str]:
    """What the two lines hold and what must be kept of them."""
    if not words:
        return ["Input is a text, Output its label. Translate the text."]
    points = "one point after another, each written :type;words (a relation :head;relation;tail: and an event"
    return [
        f"Input is a text, then {' then '.join('/' + word for word in words)}. Output is the text's label, then "
        f"{', then '.join(f'/{word}/ and its points' for word in words)}: {points}"
        " :subject;event;object;time:) where the words stand in the text.",
        "- Translate the text, and translate the words of every point.",
        "- The words of every point must stand in the translated text in exactly the same form.",
        "- Keep every point, in the same order, and every mark (/ : ;) as it is.",
    ]
