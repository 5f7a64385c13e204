"""Agreement against published examples."""

from __future__ import annotations

import pytest

from pointline.review.agreement import alpha, kappa

# Krippendorff 2011, section C: four observers, twelve units, five values; nominal alpha = 0.743.
PUBLISHED = [
    "1 1 . 1", "2 2 3 2", "3 3 3 3", "3 3 3 3", "2 2 2 2", "1 2 3 4", "4 4 4 4", "1 1 2 1", "2 2 2 2", ". 5 5 5",
    ". . 1 1", ". . 3 .",
]  # fmt: skip


def test_alpha_of_the_published_example() -> None:
    units = [[value for value in row.split() if value != "."] for row in PUBLISHED]
    assert alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_the_published_example_of_two_observers() -> None:
    """Section A: ten units, binary; alpha = 0.095."""
    meg, owen = "0100000000", "1110010010"
    assert alpha(list(zip(meg, owen, strict=True))) == pytest.approx(0.095, abs=5e-4)


def test_nothing_to_compare() -> None:
    assert alpha([["a"], ["b"]]) is None
    assert alpha([["a", "a"], ["a", "a"]]) is None
    assert kappa([]) is None
    assert kappa([("a", "a")]) is None


def test_kappa_of_a_known_table() -> None:
    """Two readers, 50 proposals: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no; kappa = 0.4."""
    table = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}
    assert kappa(pair for pair, n in table.items() for _ in range(n)) == pytest.approx(0.4)
    assert kappa([("a", "a"), ("b", "b")]) == 1.0
