"""How much a translation keeps, and how right it is, with a simulated translator whose faults are known.

Not a measurement of any model: gold parallel data (xSID, 800 English samples into Chinese, 400 into Japanese) with
planted faults stand in for one (see translator.py). Prints what `pointline translate` keeps, how precise the kept
spans are, what became of every planted fault, what is paid twice when the run is killed and begun again, and what
span projection reaches against gold.

    python benchmarks/translate.py --data data/xsid_0.7 --seed 1 --entities 0.15
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from simulation import faults, parallel
from simulation.judging import ENDS, Result, Truth, Verdict, read_log

from pointline import jsonl
from pointline.llm import record
from pointline.sample import Sample
from pointline.score.proportion import wilson

HERE = Path(__file__).resolve().parent
PRICES = "price_in=0.15, price_out=0.6"
PARTS = ["default", "paper", "believed", "projection", "paid_twice"]
FEW = 200
"""Samples of the run that is killed."""
QUIET = 1.0
"""Seconds without a line in the translator's log after which it has answered all it was asked."""
HANG = 5.0
"""Seconds after which the client gives a request up, where some hang."""
PATIENT = 120.0
"""The same where none does: a busy machine is no fault of the translator."""
SEEN = ("lost_mark", "paraphrase", "residue", "dropped")
"""Faults that the papers' filters can see: two labels that are exchanged pass them."""
LOST = ("cut", "refusal", "duplicate")
"""Faults of an answer after which the papers' method has none."""
NO_FAULTS = faults.Rates(0, 0.0, faults.WEIGHTS, {})


class Run(NamedTuple):
    """One run of one method: what became of each sample, the report, and what is true of it."""

    samples: list[Sample]
    results: list[Result]
    verdicts: list[Verdict | None]
    truth: Truth
    log: list[dict[str, Any]]
    report: dict[str, Any]
    seconds: float
    lost: int
    """Answers that were on their way when the run was killed."""


class Bench:
    """Runs methods on one pair of languages, each in its own folder with its own translator."""

    def __init__(self, data: Path, to: str, folder: Path, most: int | None) -> None:
        self.data, self.to, self.folder = data, to, folder
        self.found = parallel.load(data, to)
        self.pairs = self.found.pairs[:most]
        self.samples = [pair.source for pair in self.pairs]
        self.file = folder / f"en-{to}.jsonl"
        jsonl.write(self.file, self.samples)
        self.count = 0

    def run(self, rates: faults.Rates, *words: str, kill_after: int | None = None) -> Run:
        """Translate everything with one method."""
        self.count += 1
        out, log = self.folder / f"out-{self.count}", self.folder / f"log-{self.count}.jsonl"
        begun = time.perf_counter()
        with translator(self.data, self.to, log, rates) as url:
            command = self._command(url, out, HANG if rates.answers.get("hang") else PATIENT, *words)
            lost = _killed(command, log, out, kill_after) if kill_after is not None else 0
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
        rows = read_log(log)
        truth, results = Truth(self.pairs, rows), self._results(out)
        kept = ("kept", "repaired")
        verdicts = [
            truth.judge(source, result.target) if result.status in kept and result.target else None
            for source, result in zip(self.samples, results, strict=True)
        ]
        report = json.loads((out / "report.json").read_bytes())
        return Run(self.samples, results, verdicts, truth, rows, report, time.perf_counter() - begun, lost)

    def _command(self, url: str, out: Path, timeout: float, *words: str) -> list[str]:
        client = f"client={{timeout={timeout}, backoff=0.05, concurrency=32, {PRICES}}}"
        fixed = [
            "--from",
            "en",
            "--to",
            self.to,
            "--endpoint",
            url,
            "--model",
            "simulated",
            "--out",
            str(out),
            "--json",
        ]
        return [sys.executable, "-m", "pointline", "translate", str(self.file), *fixed, "--set", client, *words]

    def _results(self, out: Path) -> list[Result]:
        """What became of each sample, in order."""
        found: dict[str, Result] = {}
        for target in jsonl.read(out / "kept.jsonl"):
            told = target.meta["translation"]
            found[told["of"]] = Result(told["outcome"], target)
        for status in ("review", "dropped"):
            for _, line in jsonl.lines(out / f"{status}.jsonl"):
                found[msgspec.json.decode(line)["source"]["id"]] = Result(status)
        assert len(found) == len(self.samples)
        return [found[sample.id] for sample in self.samples]


@contextlib.contextmanager
def translator(data: Path, to: str, log: Path, rates: faults.Rates) -> Iterator[str]:
    """The simulated translator as a process of its own; yields its address."""
    words = ["--data", str(data), "--to", to, "--log", str(log), "--hang-seconds", str(4 * HANG)]
    command = [sys.executable, str(HERE / "translator.py"), *words, *faults.as_words(rates)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield f"http://127.0.0.1:{int(running.stdout.readline())}/v1"
        finally:
            running.kill()


def _killed(command: list[str], log: Path, out: Path, after: int) -> int:
    """Start a run, kill it once the translator was asked so often; how many answers did not reach its cache."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < after):
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
    size = -1
    while size != log.stat().st_size:
        size = log.stat().st_size
        time.sleep(QUIET)
    answered = sum(row["status"] == "200" for row in read_log(log))
    return int(answered) - record(out / "answers.db", out / "answers.jsonl")


def line(to: str, what: str, value: float, unit: str, **more: Any) -> None:
    """Print one figure."""
    print(json.dumps({"name": "translate", "what": what, "value": value, "unit": unit, "pair": f"en-{to}", **more}))
    sys.stdout.flush()


def percent(part: int, whole: int) -> float:
    """Per cent, to two digits."""
    return round(100 * part / whole, 2) if whole else 0.0


def tell(bench: Bench, method: str, run: Run, rates: faults.Rates) -> None:
    """Print what one method kept and how right it is."""
    to, more = bench.to, {"method": method, "n": len(run.samples), "simulated": True, "seed": rates.seed}
    kept = [verdict for verdict in run.verdicts if verdict is not None]
    counts = Counter(result.status for result in run.results)
    told = {status: counts[status] for status in ("kept", "repaired", "review", "dropped")}
    line(to, "kept_percent", percent(len(kept), len(run.samples)), "%", **more, **told)
    right, given = sum(v.right for v in kept), sum(v.given for v in kept)
    typed = sum(v.typed for v in kept)
    for what, hit, of, extra in (
        ("span_precision_percent", right, given, {"wrong_type": typed}),
        ("label_precision_percent", sum(v.labels for v in kept), len(kept), {}),
        ("right_samples_percent", sum(v.all_right for v in kept), len(kept), {}),
    ):
        share = wilson(hit, of)
        spread = {"range": [round(share.low, 2), round(share.high, 2)]} if share else {}
        line(to, what, percent(hit, of), "%", **more, of=of, **spread, **extra)
    entities = sum(len(sample.entities or ()) for sample in run.samples)
    f1 = 2 * right / (given + entities) if given + entities else 0.0
    line(to, "span_f1_percent", round(100 * f1, 2), "%", **more, recall=percent(right, entities))
    answered = [row for row in run.log if row["status"] == "200"]
    spent = run.report.get("cost_per_kept")
    line(to, "cost_per_kept", float(f"{spent or 0:.3g}"), "price", **more, prices_per_million=PRICES)
    line(to, "requests_per_sample", round(len(answered) / len(run.samples), 2), "requests", **more)
    line(to, "seconds", round(run.seconds, 1), "s", **more)


def show(run: Run, most: int) -> None:
    """Print kept samples that are wrong on stderr, for a look."""
    rows = zip(run.samples, run.results, run.verdicts, strict=True)
    for sample, result, verdict in [row for row in rows if row[2] is not None and not row[2].all_right][:most]:
        assert result.target is not None
        given = [(e.type, e.text, e.start) for e in result.target.entities or ()]
        said = [(row["form"], row["planted"]) for row in run.truth.rows[sample.text] if row["planted"]]
        for told in (sample.text, result.target.text, given, verdict, result.target.meta["translation"], said):
            print(told, file=sys.stderr)
        print(file=sys.stderr)


def tell_faults(bench: Bench, method: str, run: Run) -> None:
    """Print what became of every planted fault, by kind."""
    ends: Counter[tuple[str, str, str]] = Counter()
    for sample, result, verdict in zip(run.samples, run.results, run.verdicts, strict=True):
        ends.update(run.truth.ends(sample, result, verdict))
    wire = Counter(row["status"] for row in run.log if row["status"] != "200")
    for where in ("draft", "repair"):
        for kind in sorted({kind for place, kind, _ in ends if place == where}):
            told = {end: ends[where, kind, end] for end in ENDS}
            line(bench.to, f"planted_{kind}", sum(told.values()), "faults", method=method, asked_for=where, **told)
    line(bench.to, "planted_on_the_wire", wire.total(), "faults", method=method, **wire)
    passed = sum(count for (_, _, end), count in ends.items() if end == "passed_wrongly")
    line(
        bench.to,
        "passed_wrongly_percent",
        percent(passed, ends.total()),
        "%",
        method=method,
        of=ends.total(),
        limit=1.0,
    )


def tell_paper(bench: Bench, rates: faults.Rates) -> None:
    """Print what the papers' method keeps beside what the fault model predicts."""
    run = bench.run(rates, "--method", "paper")
    tell(bench, "paper", run, rates)
    tell_faults(bench, "paper", run)
    seen = rates._replace(weights={kind: rates.weights[kind] for kind in rates.weights if kind in SEEN})
    tell(bench, "paper, faults that its filters can see", bench.run(seen, "--method", "paper"), seen)
    whole = 1 - sum(rates.answers.get(kind, 0) for kind in LOST)
    chances = [whole * (1 - rates.entities) ** len(sample.entities or ()) for sample in bench.samples]
    mean = sum(chances) / len(chances)
    spread = sum(chance * (1 - chance) for chance in chances) ** 0.5 / len(chances)
    told = {"spread": round(100 * spread, 2), "model": f"{1 - rates.entities:g}^n x {whole:.3g}, mean over the samples"}
    line(bench.to, "paper_predicted_percent", round(100 * mean, 2), "%", **told)
    planted = [{fault["kind"] for fault in row["planted"]} for row in run.log if row["status"] == "200"]
    clean = sum(kinds <= {"fence"} for kinds in planted)
    line(bench.to, "paper_undamaged_percent", percent(clean, len(planted)), "%", method="paper")


def tell_paid_twice(bench: Bench, rates: faults.Rates) -> None:
    """Kill a run half way, begin it again, and count what was answered more often than in a run of one piece.

    Nothing hangs here: an answer that comes after the client gave up on it is paid again on a slow machine.
    """
    rates = rates._replace(answers={**rates.answers, "hang": 0.0})
    unbroken = bench.run(rates)
    after = len(unbroken.log) // 2
    run = bench.run(rates, kill_after=after)
    usual, seen = (Counter(row["request"] for row in one.log if row["status"] == "200") for one in (unbroken, run))
    again = seen - usual
    same = [a.target == b.target for a, b in zip(unbroken.results, run.results, strict=True)]
    # What was on its way when the run was killed is asked again by any client.
    more = {"on_their_way": run.lost, "killed_after": after, "same_results": all(same)}
    line(bench.to, "paid_twice", max(0, again.total() - run.lost), "answers", of=seen.total(), **more)


def main() -> None:
    """Measure both pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("POINTLINE_SHARED", "../shared/data"))
    parser.add_argument("--data", type=Path, default=shared / "xsid_0.7", help="the folder of xSID 0.7")
    parser.add_argument("--to", nargs="*", choices=["zh", "ja"], default=["zh", "ja"])
    parser.add_argument("--samples", type=int, help="only the first so many samples")
    parser.add_argument("--show", type=int, default=0, help="print so many kept samples that are wrong, on stderr")
    parser.add_argument("--only", nargs="*", choices=PARTS)
    faults.options(parser)
    told = parser.parse_args()
    if not told.data.is_dir():
        parser.error(f"no xSID 0.7 in {told.data}; say --data FOLDER, or set POINTLINE_SHARED")
    rates, parts = faults.chosen(told), told.only or PARTS
    for to in told.to:
        with tempfile.TemporaryDirectory(prefix="pointline-") as folder:
            bench = Bench(told.data, to, Path(folder), told.samples)
            left = {"labels_differ": bench.found.differ, "unclear": bench.found.unclear}
            line(to, "pairs", len(bench.pairs), "samples", **left, entities=sum(len(p.order) for p in bench.pairs))
            if "default" in parts:
                run = bench.run(rates)
                tell(bench, "default", run, rates)
                tell_faults(bench, "default", run)
                show(run, told.show)
            if "paper" in parts:
                tell_paper(bench, rates)
            if "believed" in parts:
                tell(bench, "marks believed", bench.run(rates, "--set", "margin=1"), rates)
            if "projection" in parts:
                tell(bench, "marks, no faults", bench.run(NO_FAULTS), NO_FAULTS)
                tell(bench, "plain, no faults", bench.run(NO_FAULTS, "--method", "plain"), NO_FAULTS)
                tell(bench, "plain", bench.run(rates, "--method", "plain"), rates)
            if "paid_twice" in parts:
                few = min(FEW, told.samples or FEW)
                tell_paid_twice(Bench(told.data, to, Path(folder, "few"), few), rates)


if __name__ == "__main__":
    main()
