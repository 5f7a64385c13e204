"""The form of two lines, a text and its label with a list of points: translated with its planted faults."""

from __future__ import annotations

from simulation.drafting import MARKS, WORDS, Draft, Hand
from simulation.faults import Planted
from simulation.reading import Asked, Tagged


def listed(asked: Asked, hand: Hand) -> tuple[str, Draft, list[Planted]]:
    """The answer, its text, and what was planted."""
    _, slash, word = asked.parts["Input"].rpartition("/")
    target = hand.both.target
    faults = hand.faults(range(len(hand.both.types)), (*WORDS, *MARKS))
    in_text = {entity: target.words(entity) for entity in range(len(hand.both.types))}
    in_list = dict(in_text)
    head, points = _points(asked.parts["Output"], word, [hand.both.source.words(i) for i in in_text])
    for entity, planted in faults.items():
        match planted.kind:
            case "paraphrase" | "shifted":
                in_list[entity] = hand.wrong(planted, in_list[entity], target.text)
            case "residue" | "untranslated":
                in_text[entity] = in_list[entity] = hand.wrong(planted, in_list[entity])
            case "dropped":
                # Gone from the text, or from the list; words that stand twice in the text would still stand there.
                if target.text.count(in_text[entity]) == 1 and hand.draw.random.random() < 0.5:
                    in_text[entity] = ""
                else:
                    points.pop(entity, None)
            case "swapped" if planted.other in points and entity in points:
                points[entity], points[planted.other] = points[planted.other], points[entity]
    words = {entity: (target.spans[entity], said) for entity, said in in_text.items()}
    draft = hand.written(target.text, words, {}, Tagged("", {}), {})
    for entity, point in sorted(points.items()):
        lost = entity in faults and faults[entity].kind == "lost_mark"
        head += point + ("" if lost else ";") + in_list[entity]
    return f"Input: {draft.text}{slash}{word}\nOutput: {head}", draft, list(faults.values())


def _points(output: str, word: str, words: list[str]) -> tuple[str, dict[int, str]]:
    """The output line up to its points, and `:type` of every point, whose words are known."""
    head = output[: output.find(f"/{word}/") + len(word) + 2] if f"/{word}/" in output else output
    at = len(head)
    found: dict[int, str] = {}
    for entity, said in enumerate(words):
        place = output.find(f";{said}", at)
        if place < 0:
            break
        found[entity] = output[at:place]
        at = place + 1 + len(said)
    return head, found
