"""One client for every model server: asks each row once, pays once, goes on after any kill.

endpoint   which server and model, and where the key is        request    a row's prompt and sampling, its cache key
client     ask, dry_run, replay                                answer     what comes back, and parsers applied later
settings   concurrency, patience, prices, budget               faults     every class of what can go wrong
cache      paid answers in SQLite, for several runs at once    recorded   the same as lines of a file
flow       one run: window, slot, retries, till, pace          exchange   one request over HTTP; reading: its response
"""

from pointline.llm.answer import Answer, Parsed, parse
from pointline.llm.bill import Bill
from pointline.llm.client import Client
from pointline.llm.endpoint import Endpoint
from pointline.llm.estimate import Estimate
from pointline.llm.progress import Progress
from pointline.llm.recorded import record, take_in
from pointline.llm.request import Request, Sampling
from pointline.llm.settings import Settings

__all__ = [
    "Answer",
    "Bill",
    "Client",
    "Endpoint",
    "Estimate",
    "Parsed",
    "Progress",
    "Request",
    "Sampling",
    "Settings",
    "parse",
    "record",
    "take_in",
]
