"""Start-up: seconds until `import pointline` and `pointline --help` are done, beside a bare interpreter."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

TASKS = {
    "bare interpreter": ["-c", "pass"],
    "import pointline": ["-c", "import pointline"],
    "pointline --help": ["-m", "pointline", "--help"],
}


def main() -> None:
    """Run all three in turn, `--rounds` times, and print medians and ranges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {what: [] for what in TASKS}
    for _ in range(rounds):
        for what, words in TASKS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
            seconds[what].append(time.perf_counter() - start)
    bare = statistics.median(seconds["bare interpreter"])
    for what, taken in seconds.items():
        value = statistics.median(taken)
        row = {"name": "startup", "what": what, "value": round(value, 4), "unit": "s", "rounds": rounds}
        row |= {"limit_ratio": round(value / bare, 2), "range": [round(min(taken), 4), round(max(taken), 4)]}
        print(json.dumps(row))


if __name__ == "__main__":
    main()
