"""The words for what went wrong: problems of a model's output, and reasons for which a format refuses a sample."""

from __future__ import annotations

from pointline.errors import Refusal

# What reading finds; a prediction's `problems` holds each at most once, in order of finding.
SPAN_NOT_IN_TEXT = "span_not_in_text"
SPAN_NORMALISED = "span_normalised"
SPAN_REPEATED = "span_repeated"
EMPTY_OUTPUT = "empty_output"
UNKNOWN_LABEL = "unknown_label"
LABEL_NORMALISED = "label_normalised"
UNKNOWN_TYPE = "unknown_type"
TYPE_NORMALISED = "type_normalised"
UNKNOWN_ROLE = "unknown_role"
MISSING_INSTRUCTION_WORD = "missing_instruction_word"
LEVEL_NOT_ASKED = "level_not_asked"
WRONG_MARKS = "wrong_marks"
EMPTY_SLOT = "empty_slot"
TRUNCATED = "truncated"
UNREADABLE = "unreadable"
CODE_FENCE = "code_fence"
SPECIAL_TOKEN = "special_token"
QUOTED = "quoted"
TEXT_BEFORE = "text_before"
TEXT_AFTER = "text_after"
NOT_JSON = "not_json"
LOOSE_JSON = "loose_json"
DUPLICATE_KEY = "duplicate_key"
WRONG_SHAPE = "wrong_shape"
PAPER_TUPLE = "paper_tuple"

# Why a format refuses a sample.
LABEL_OUTSIDE_SCHEMA = "label_outside_schema"
TYPE_OUTSIDE_SCHEMA = "type_outside_schema"
ROLE_OUTSIDE_SCHEMA = "role_outside_schema"
COMMA_IN_LABEL = "comma_in_label"
EMPTY_LABEL = "empty_label"
NO_LABEL_INVENTORY = "no_label_inventory"
NO_TEXT_LABEL = "no_text_label"
ROLE_NOT_HELD = "role_not_held"
SECOND_FILLER = "second_filler"
TRIGGER_NOT_HELD = "trigger_not_held"
EMPTY_SPAN = "empty_span"
AMBIGUOUS = "ambiguous"
SPAN_DIFFERS = "span_differs_from_text"
UNKNOWN_TASK = "unknown_task"
NOTHING_ASKED = "nothing_asked"
NOT_ANNOTATED = "not_annotated"
TWO_TASKS_ONE_LEVEL = "two_tasks_one_level"
LEVEL_NOT_HELD = "level_not_held"
TWO_WORD_LEVELS = "two_word_levels"
NO_EXAMPLE = "no_example"
NO_HEAD_TYPE = "no_head_type"


class CannotHold(Refusal):
    """A format cannot hold a sample: `reason` is one of the words above, `detail` says what it met.

    >>> print(CannotHold(COMMA_IN_LABEL, "label 'a,b'"))
    comma_in_label: label 'a,b'
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(" ".join(f"{reason}: {detail}".split()))


class Notes:
    """Collects problems: each once, in order of finding.

    >>> notes = Notes(); notes.add(TRUNCATED); notes.add(TRUNCATED); notes.found()
    ['truncated']
    """

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}

    def add(self, *problems: str) -> None:
        """Note problems."""
        self._seen.update(dict.fromkeys(problems))

    def found(self) -> list[str] | None:
        """The problems, or None where there are none (so the field stays absent)."""
        return list(self._seen) or None
