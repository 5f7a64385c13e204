"""Twelve colours for span types, on light and dark ground; every pair of ink and ground has a contrast of 6 or more."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

# ground and ink in the light theme, ground and ink in the dark theme
PALETTE = (
    ("#ffcdc7", "#7c2524", "#602a27", "#ffcac3"),
    ("#bbe2ff", "#004985", "#173f65", "#b6e3ff"),
    ("#c2ebc2", "#095717", "#1e4821", "#beedbe"),
    ("#f3d0fb", "#632d6f", "#4f2e57", "#f6cdff"),
    ("#f3dba9", "#654000", "#503900", "#f7dba1"),
    ("#a6edf0", "#005961", "#00494e", "#9deff3"),
    ("#d8d8ff", "#433a85", "#393665", "#d8d7ff"),
    ("#ffd3b2", "#763000", "#5c300b", "#ffd1ac"),
    ("#b0eed7", "#005b3d", "#004a37", "#a8f0d6"),
    ("#ffcce5", "#742651", "#5b2a43", "#ffc9e5"),
    ("#dce4af", "#474e00", "#3c4202", "#dce5a8"),
    ("#ace9ff", "#005277", "#00455c", "#a4eaff"),
)
# Places of a few common names: green for good, red for bad, and the usual entity types well apart.
EXPECTED = {
    "positive": 2,
    "negative": 0,
    "neutral": 6,
    "person": 7,
    "organization": 1,
    "place": 10,
    "location": 10,
    "product": 3,
}
STRIDE = 5  # neighbours in the palette may look alike; 5 and 12 share no divisor, so every place is reached


def colours_of(names: Iterable[str]) -> dict[str, int]:
    """Give each name a place in the palette: its own where that is free, else the next; the same for the same names.

    Up to twelve names get different colours.

    >>> colours_of(["place", "person", "place"])
    {'person': 7, 'place': 10}
    """
    wanted = sorted(set(names), key=lambda name: (name not in EXPECTED, name))
    given: dict[str, int] = {}
    for name in wanted:
        taken = set(given.values()) if len(given) < len(PALETTE) else set()
        place = EXPECTED.get(name, zlib.crc32(name.encode("utf-8", "surrogatepass")) % len(PALETTE))
        while place in taken:
            place = (place + STRIDE) % len(PALETTE)
        given[name] = place
    return given


def palette_css(scope: str = ":root") -> str:
    """The palette as CSS variables `--ground-0`, `--ink-0`, ... for both themes."""
    light = "".join(f"--ground-{n}:{c[0]};--ink-{n}:{c[1]};" for n, c in enumerate(PALETTE))
    dark = "".join(f"--ground-{n}:{c[2]};--ink-{n}:{c[3]};" for n, c in enumerate(PALETTE))
    marks = "".join(f"mark.c{n}{{--g:var(--ground-{n});--i:var(--ink-{n})}}" for n in range(len(PALETTE)))
    return f"{scope}{{{light}}}@media (prefers-color-scheme:dark){{{scope}{{{dark}}}}}{marks}"
