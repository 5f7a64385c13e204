"""Translation with a simulated translator whose planted faults are known: what is wrong is not kept.

The translator is a simulation (gold parallel data with faults, `benchmarks/translator.py`): it shows that faults are
found, not how good any model is.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
BENCHMARK = BENCHMARKS / "translate.py"
Lines = dict[tuple[str, str], dict[str, Any]]


def measured(data: Path, to: str, *words: str) -> tuple[Lines, list[dict[str, Any]]]:
    """The benchmark's figures by (what, method), and its lines about planted faults."""
    command = [sys.executable, str(BENCHMARK), "--data", str(data / "xsid_0.7"), "--to", to, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    planted = [row for row in rows if row["what"].startswith("planted_") and row["unit"] == "faults"]
    return {(row["what"], row.get("method", "")): row for row in rows}, planted


@pytest.mark.parametrize("name", ["parallel", "gold", "reading"])
def test_the_examples_of_the_simulation(name: str) -> None:
    command = [sys.executable, "-m", "doctest", str(BENCHMARKS / "simulation" / f"{name}.py")]
    path = os.pathsep.join([str(BENCHMARKS), *sys.path])
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("to", "seed"), [("zh", 3), pytest.param("ja", 1, marks=pytest.mark.slow)])
def test_planted_faults_are_repaired_or_not_kept(shared_data: Path, to: str, seed: int) -> None:
    pytest.importorskip("rapidfuzz")
    rates = (
        "--samples",
        "60",
        "--seed",
        str(seed),
        "--hang",
        "0",
        "--fence",
        "0.1",
        "--cut",
        "0.05",
        "--refusal",
        "0.05",
    )
    seen, planted = measured(shared_data, to, "--only", "default", "paper", "paid_twice", *rates)
    assert seen["kept_percent", "default"]["value"] >= 95
    assert seen["span_precision_percent", "default"]["value"] >= 99
    assert seen["label_precision_percent", "default"]["value"] == 100
    assert seen["passed_wrongly_percent", "default"]["value"] <= 1
    assert seen["paid_twice", ""]["value"] == 0
    assert seen["paid_twice", ""]["same_results"]
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in planted:
        counts[row["method"], row["what"]] += row["value"]
    kinds = {"lost_mark", "paraphrase", "dropped", "swapped", "cut", "fence", "refusal"} | (
        {"residue"} if to == "zh" else set()
    )
    assert {f"planted_{kind}" for kind in kinds} <= {what for method, what in counts if method == "default"}
    assert counts["default", "planted_on_the_wire"] > 0
    kept = seen["kept_percent", "paper, faults that its filters can see"]["value"]
    predicted = seen["paper_predicted_percent", ""]
    assert math.isclose(kept, predicted["value"], abs_tol=3 * predicted["spread"])
    assert kept < 90


def test_spans_are_projected_as_gold_has_them(shared_data: Path) -> None:
    pytest.importorskip("rapidfuzz")
    seen, _ = measured(shared_data, "zh", "--only", "projection", "--samples", "40", "--hang", "0")
    assert seen["span_f1_percent", "marks, no faults"]["value"] >= 95
    assert seen["span_f1_percent", "plain, no faults"]["value"] >= 95
    assert seen["span_f1_percent", "plain"]["value"] >= 75


@pytest.mark.slow
def test_what_errs_in_the_same_way_whenever_asked_waits_for_review(shared_data: Path) -> None:
    pytest.importorskip("rapidfuzz")
    rates = ("--samples", "60", "--stubborn", "1", "--hang", "0", "--entities", "0.3")
    seen, _ = measured(shared_data, "zh", "--only", "default", *rates)
    assert seen["span_precision_percent", "default"]["value"] >= 99
    assert seen["kept_percent", "default"]["review"] > 5
    assert seen["passed_wrongly_percent", "default"]["value"] <= 1
