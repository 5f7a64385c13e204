"""A run in its own process: `python asking.py URL CACHE COUNT AT_ONCE`; prints how many answers came, or the fault."""

from __future__ import annotations

import sys

from pointline.errors import PointlineError
from pointline.llm import Client, Endpoint, Request, Settings

if __name__ == "__main__":
    url, cache, count, at_once = sys.argv[1:]
    settings = Settings(concurrency=int(at_once), max_concurrency=int(at_once))
    rows = (Request(f"row-{i}", f"say {i}") for i in range(int(count)))
    try:
        texts = [answer.text for answer in Client(Endpoint(url, "small"), cache, settings).ask(rows)]
    except PointlineError as error:
        sys.exit(str(error))
    assert texts == [f"SAY {i}" for i in range(int(count))]
    print(len(texts))
