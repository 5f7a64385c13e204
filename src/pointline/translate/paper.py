"""The papers' own question (MMM, section 3.1, Figure 4): labels translated before, entities listed, one example.

A sample is two lines in the OIELLM format, `Input: {text}/{IW}` and `Output: {label}/{IW}/:{type};{words}...`; the
answer must be the same two lines with the text and the words of the points translated.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

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


def question(pair: Pair, lines: Lines, word: str) -> str:
    """Translate the two lines; `word` is the instruction word in the target language."""
    told = [
        f"Translate a sample of a data set from {pair.source_name} into {pair.target_name}.",
        f"Input is a text, then /{word}. Output is the text's label, then /{word}/, then one point after another, each "
        "written :type;words where the words stand in the text.",
        f"- The label, the types and {word} are in {pair.target_name} already: copy them as they are.",
        "- Translate the text, and translate the words of every point.",
        "- The words of every point must stand in the translated text in exactly the same form.",
        "- Keep every point, in the same order, and every mark (/ : ;) as it is.",
        *(f"- {rule}" for rule in (*pair.constraints, *pair.glossary_lines(lines.input))),
        "Answer with the translated Input and Output, each behind its name on its own line, and with nothing else.",
        "",
    ]
    told += [*_example(pair, word), f"{pair.source_name}:", str(lines), "", f"{pair.target_name}:"]
    return "\n".join(told)


def answered(answer: str, lines: Lines) -> Answered:
    """Read an answer: the text before the instruction words, and the whole output line.

    >>> answered("Input: 去上海/NER\\nOutput: trip/NER/:city;上海", Lines("to Shanghai/NER", "trip/NER/:city;Shanghai"))
    Answered(text='去上海', output='trip/NER/:city;上海', problem='')
    """
    found = re.search(r"^\s*Input:[ \t]*(.*?)\n\s*Output:[ \t]*([^\n]*)", answer, re.DOTALL | re.MULTILINE)
    if found is None:
        return Answered("", "", "cut" if re.search(r"^\s*Input:", answer, re.MULTILINE) else "no_translation")
    words = "/" + lines.input.rpartition("/")[2] if "/" in lines.output else ""
    text = found[1].rstrip()
    if not text.endswith(words):
        return Answered(text, found[2].strip(), "format")
    return Answered(text.removesuffix(words) if words else text, found[2].strip())


def _example(pair: Pair, word: str) -> list[str]:
    """The one shot, where both languages have the example; a word of its own would only confuse."""
    ends = [known().languages.get(primary(code)) for code in (pair.source, pair.target)]
    if pair.example is None or ends[0] is None or ends[1] is None:
        return []
    shown = [str(_shown(end, ends[1], word)) for end in ends if end is not None]
    return ["Example", f"{pair.source_name}:", shown[0], f"{pair.target_name}:", shown[1], ""]


def _shown(end: Language, target: Language, word: str) -> Lines:
    text, places, _ = read(end.text or "")
    spans = [text[slice(*places[number])] for number in sorted(places)]
    points = "".join(f":{type};{span}" for type, span in zip(target.types, spans, strict=True))
    return Lines(f"{text}/{word}", f"{target.label}/{word}/{points}")


def hashed(pair: Pair) -> bytes:
    """Everything about a pair that decides prompts."""
    return msgspec.json.encode(pair.constraints + (pair.source, pair.target) + (pair.example or ()))
