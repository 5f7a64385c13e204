"""The table of formats: a name on the command line -> the codec that writes and reads it."""

from __future__ import annotations

import difflib

from pointline.errors import Refusal
from pointline.formats.ask import Ask, Codec
from pointline.formats.giellm import Giellm
from pointline.formats.iepile import Iepile
from pointline.formats.oiellm import Oiellm
from pointline.formats.plain import Plain
from pointline.formats.slg import Slg
from pointline.formats.usa import Usa

FORMATS: dict[str, type[Codec]] = {
    "oiellm": Oiellm,
    "giellm": Giellm,
    "usa": Usa,
    "slg": Slg,
    "iepile": Iepile,
    "plain": Plain,
}


def codec(name: str, ask: Ask) -> Codec:
    """The format `name` bound to a question; raises Refusal for an unknown name.

    >>> from pointline.schema import Schema
    >>> codec("oiellm", Ask(Schema().label("topic", ["news"]))).decode("news", "a text").labels
    ['news']
    """
    if name not in FORMATS:
        near = difflib.get_close_matches(name, FORMATS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(FORMATS)
        raise Refusal(f"unknown format {name!r}; {hint}")
    return FORMATS[name](ask)
