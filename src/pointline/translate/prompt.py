"""Every question that is put to a translator, and the form in which its answer must come.

All are one message of a user; each says its own form in words, so that nobody needs to know more than the prompt.
`<t>..</t>` is the wrapper around a whole text, `<e1>..</e1>` a mark around words (`pointline.translate.marks`); where a
text holds these very characters the prompt uses other names and says so by using them. What is asked about comes last,
each part on a line of its own behind its name; an example, where there is one, has the same lines before it.

::

    draft     Text: <t>a text with marks</t>
              -> <t>its translation, each mark around the same words</t>
    plain     the same without marks (also back again)
              -> <t>its translation</t>
    locate    Text: <t>marked</t>, Translation: <t>without marks</t>, Marks: e1 e3
              -> a line a mark, <e1>words copied from Translation</e1>, or <e1></e1> where it does not say them
              Also asked backwards: then Text is the translation, marked where we hold the words to be, and
              Translation is the source. Numbers are given anew for each question and say nothing of any other.
    insert    Text: <t>marked</t>, Translation: <t>without marks</t>
              -> <t>the Translation, unchanged but for the marks put in</t>
    residue   Text: <t>the source</t>, Translation: <t>its translation with <e1>..</e1> around what is wrong</t>
              -> <t>what stands in place of the marked words alone</t>
    paper     two lines, Input: text/IW, Output: label/IW/:type;words...; see pointline.translate.paper
"""

from __future__ import annotations

from collections.abc import Mapping

from pointline.translate.languages import Pair
from pointline.translate.marks import Names, put, read, wrap

Places = Mapping[int, tuple[int, int]]


def draft(pair: Pair, text: str, places: Places, names: Names) -> str:
    """Translate a text with its marks; without places, the text alone."""
    lines = [f"Translate the text from {pair.source_name} into {pair.target_name}."]
    if places:
        lines.append(
            f"Words of the text stand between marks such as {_mark(names, 1)}. In the translation put each mark around "
            "the words that translate the words between it in the text:"
        )
        rules: list[str] = [
            "Every mark of the text stands in the translation exactly once, with its own number, opened and closed.",
            "A mark goes where its words go: the order of words may change, and the order of numbers with it.",
            "Nothing stands between a mark but what translates its words: no particle, no preposition, no comma.",
            "Where marks stand inside each other in the text, they do so in the translation.",
        ]
    else:
        lines.append("Mind the following:")
        rules = []
    rules += [*pair.constraints, *pair.glossary_lines(text)]
    lines += [f"- {rule}" for rule in rules]
    lines += [f"Answer with the translation between {_wrapper(names)} and with nothing else.", ""]
    if places and pair.example is not None:
        text_shown, translation_shown = (wrap(_renamed(side, names), names) for side in pair.example)
        lines += ["Example", f"Text: {text_shown}", f"Translation: {translation_shown}", ""]
    lines += [f"Text: {wrap(put(text, places, names), names)}", "Translation:"]
    return "\n".join(lines)


def plain(pair: Pair, text: str, names: Names) -> str:
    """Translate a text without any marks."""
    return draft(pair, text, {}, names)


def locate(pair: Pair, text: str, places: Places, other: str, names: Names) -> str:
    """Which words of `other` translate the marked words? `pair` says the languages of `text` and `other`."""
    marks = " ".join(f"{names.mark}{number}" for number in places)
    one = next(iter(places))
    lines = [
        f"{_both(pair)} Words of the text stand between marks such as {_mark(names, one)}. Say for each mark "
        "which words of the translation translate its words.",
        "- Copy the words from the translation character by character, as they stand there in one piece.",
        "- Copy all of the words that belong to the mark's words, and none around them: no particle, no comma.",
        f"- Where the translation does not say the words of a mark, leave it empty: {_mark(names, one, '')}",
        f"Answer with one line for each mark, such as {_mark(names, one, 'words')}, and with nothing else.",
        "",
        f"Text: {wrap(put(text, places, names), names)}",
        f"Translation: {wrap(other, names)}",
        f"Marks: {marks}",
    ]
    return "\n".join(lines)


def insert(pair: Pair, text: str, places: Places, other: str, names: Names) -> str:
    """Put the marks of `text` into its finished translation `other`."""
    lines = [
        f"{_both(pair)} Words of the text stand between marks such as {_mark(names, next(iter(places)))}. Put each "
        "mark into the translation, around the words that translate its words.",
        "- Every mark exactly once, with its own number, opened and closed, around nothing but these words.",
        "- Leave a mark out where the translation does not say its words.",
        "- Change nothing else: without its marks your answer is the translation, character by character.",
        f"Answer with the marked translation between {_wrapper(names)} and with nothing else.",
        "",
        f"Text: {wrap(put(text, places, names), names)}",
        f"Translation: {wrap(other, names)}",
        "Marked translation:",
    ]
    return "\n".join(lines)


def residue(pair: Pair, text: str, translation: str, place: tuple[int, int], names: Names) -> str:
    """Translate again what was left in the wrong script, and that alone."""
    lines = [
        f"{_both(pair)} The words between {_mark(names, 1)} were not translated. Say what must stand in their place, "
        f"in {pair.target_name}, so that the translation is right as a whole.",
        *(f"- {rule}" for rule in (*pair.constraints, *pair.glossary_lines(text))),
        f"Answer with these words alone between {_wrapper(names)}, with nothing between them where nothing must stand "
        "there, and with nothing else.",
        "",
        f"Text: {wrap(text, names)}",
        f"Translation: {wrap(put(translation, {1: place}, names), names)}",
        "Words:",
    ]
    return "\n".join(lines)


def _both(pair: Pair) -> str:
    return f"Below stand a text in {pair.source_name} and its translation into {pair.target_name}."


def _mark(names: Names, number: int, inside: str = "..") -> str:
    return f"<{names.mark}{number}>{inside}</{names.mark}{number}>"


def _wrapper(names: Names) -> str:
    return f"<{names.wrapper}> and </{names.wrapper}>"


def _renamed(marked: str, names: Names) -> str:
    plain_text, places, _ = read(marked)
    return put(plain_text, places, names)
