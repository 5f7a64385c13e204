"""Readers: megabytes a second of CPU that each shape takes from file to samples, beside decoding its lines alone.

Real data sets (`--data` or POINTLINE_SHARED) are blown up to `--megabytes`: records repeat, no text and no id does.
JSON sources are written as JSON lines. The limit beside each reader does nothing but decode the same lines with
msgspec, or read and split them. `--strict` fails where a reader misses its bar.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rounds import in_turn, line

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert

JSON_BAR, COLUMNS_BAR = 50, 20
Vary = Callable[[Any, int], Any]
encode = msgspec.json.Encoder().encode


class Case(NamedTuple):
    """One shape of source."""

    what: str
    card: str
    path: str
    """A file or folder below the data."""
    vary: Vary | None
    """Gives a JSON record a text of its own; None for token columns."""
    options: tuple[str, ...] = ()


def main() -> None:
    """Blow up, run each reader and its limit in turn, print a line a reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("POINTLINE_SHARED", "../shared/data")))
    parser.add_argument("--megabytes", type=float, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="shapes whose name holds this")
    parser.add_argument("--strict", action="store_true")
    given = parser.parse_args()
    missed = []
    for case in CASES:
        if given.only in case.what:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "blown_up.txt" if case.vary is None else "blown_up.jsonl")
                blow_up(case, given.data, path, int(given.megabytes * 1e6))
                if not measure(case, path, given.rounds):
                    missed.append(case.what)
    if missed and given.strict:
        sys.exit(f"below the bar: {', '.join(missed)}")


def measure(case: Case, path: Path, rounds: int) -> bool:
    """Print the line of one shape; whether it reaches its bar."""
    request = Request("samples") if case.what == "samples" else Request(None, cards.load(case.card), case.options)
    limit = "decoding alone" if case.vary else "reading and splitting alone"
    sides: dict[str, Callable[[], object]] = {
        "reader": lambda: sum(1 for _ in convert([path], request, Report())),
        limit: lambda: decode_alone(path) if case.vary else split_alone(path),
    }
    megabytes = path.stat().st_size / 1e6
    speeds = {name: [megabytes / each for each in taken] for name, taken in in_turn(sides, rounds).items()}
    median, physical = statistics.median(speeds["reader"]), statistics.median(speeds[limit])
    bar = JSON_BAR if case.vary else COLUMNS_BAR
    line("readers", case.what, speeds["reader"], "MB/s", bar=bar, peer=limit, ratio=round(physical / median, 2))
    return median >= bar


def decode_alone(path: Path) -> None:
    """The least that reading JSON lines takes."""
    decode = msgspec.json.Decoder().decode
    with path.open("rb") as file:
        for raw in file:
            decode(raw)


def split_alone(path: Path) -> None:
    """The least that reading columns takes."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for row in file:
            row.split("\t")


def blow_up(case: Case, data: Path, path: Path, size: int) -> None:
    """Write the case's records again and again until the file has `size` bytes, each time with other texts."""
    source = data / case.path
    rounds: Iterable[bytes] = columns(source) if case.vary is None else json_lines(source, case)
    written = 0
    with path.open("wb") as file:
        for record in rounds:
            written += file.write(record)
            if written >= size:
                return


def columns(source: Path) -> Iterator[bytes]:
    """Sentences with one more token, a number."""
    blocks = [block.strip("\n") for block in source.read_text("utf-8").split("\n\n") if block.strip()]
    for number in itertools.count():
        for block in blocks:
            first, *rest = block.rpartition("\n")[2].split("\t")
            cells = [str(number), *rest[:-1], "O"] if len(rest) == 1 else [first, str(number), *rest[1:-1], "O"]
            yield (block + "\n" + "\t".join(cells) + "\n\n").encode()


def json_lines(source: Path, case: Case) -> Iterator[bytes]:
    """JSON records, a line each, with texts and ids of their own."""
    if case.what == "samples":
        report = Report()
        held = [encode(sample) for sample in convert([source], Request(None, cards.load(case.card)), report)]
    else:
        raw = source.read_bytes()
        held = [encode(row) for row in msgspec.json.decode(raw)] if raw[:1] == b"[" else raw.splitlines()
    decode = msgspec.json.Decoder().decode
    for number in itertools.count():
        for row in held:
            record = decode(row)
            case.vary(record, number)  # type: ignore[misc]
            yield encode(record) + b"\n"


def text(record: dict[str, Any], number: int) -> None:
    record["text"] += f" {number}"
    if "id" in record:
        record["id"] += f"-{number}"


def tagged(record: dict[str, Any], number: int) -> None:
    record["tokens"].append(str(number))
    record["tags"].append("O")
    record["orig_id"] = f"{record['orig_id']}-{number}"


def indexed(record: dict[str, Any], number: int) -> None:
    record["sentence"].append(str(number))


def asked(record: dict[str, Any], number: int) -> None:
    record["conversations"][0]["value"] += f" {number}"
    record["id"] += f"-{number}"


def instructed(record: dict[str, Any], number: int) -> None:
    instruction = msgspec.json.decode(record["instruction"])
    instruction["input"] += f" {number}"
    record["instruction"] = encode(instruction).decode()


CASES = (
    Case("samples", "snips_slotgated", "snips_slotgated", text),
    Case("spans, nested (CLUENER)", "cluener_zh", "cluener_zh/train.json", text),
    Case("spans, listed (stockmark)", "stockmark_ner_wikipedia_ja", "stockmark_ner_wikipedia_ja/ner.json", text),
    Case("spans, events (DuEE)", "duee1_zh", "duee1_zh/duee_dev.json", text),
    Case("triples (DuIE)", "duie2_zh", "duie2_zh/train_data_5000.json", text),
    Case("triples (NYT)", "nyt_casrel", "nyt_casrel/dev_triples.json", text),
    Case("tokens, tags (CoNLL04)", "conll04_spert", "conll04_spert/conll04_train.json", tagged),
    Case("tokens, indices (GENIA)", "genia_w2ner", "genia_w2ner/test.json", indexed),
    Case("doccano (DuIE)", "duie2_doccano", "duie2_zh/doccano_and_uie_prompt/doccano_ext.jsonl", text),
    Case("iepile rows", "iepile_ner", "iepile_data/NER/train.json", instructed, ("group=false",)),
    Case(
        "conversations (MIT Restaurant)",
        "mit_restaurant_universalner",
        "universalner_eval_conversations/mit-restaurant.json",
        asked,
    ),
    Case("columns (CrossNER)", "crossner", "crossner/ai/test.txt", None),
    Case("columns with headers (xSID)", "xsid_0.7", "xsid_0.7/en.test.conll", None, ("lang=en",)),
    Case("columns of characters (MSRA)", "msra_ner_zh", "msra_ner_zh/bio/msra_test_bio.txt", None),
)

if __name__ == "__main__":
    main()
