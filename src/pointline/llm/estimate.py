"""What a run would cost, told before it is paid."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from pointline.llm.bill import FIRST_GUESS, price
from pointline.llm.cache import Cache
from pointline.llm.endpoint import Endpoint
from pointline.llm.request import Request, Sampling
from pointline.llm.settings import Settings
from pointline.llm.slot import Slot


class Estimate(msgspec.Struct, frozen=True):
    """Figures of a dry run.

    rows: all; cached: paid already; unsendable: rows that no request can say; asked: requests that would be sent.
    completion_tokens: expected, from the model's answers in the cache where there are some, else a guess of 256 a row.
    cost: at that; cost_at_most: with every answer as long as it may be, None where max_tokens does not limit all.
    Both are None without prices. spent: what all runs on this cache have paid so far, `spent_tokens` for what.
    """

    rows: int
    cached: int
    unsendable: int
    asked: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    cost_at_most: float | None
    spent: float
    spent_tokens: int


def estimate(
    endpoint: Endpoint, sampling: Sampling, settings: Settings, cache: Cache, blocks: Iterable[list[Request]]
) -> Estimate:
    """Count what would be asked. Equal rows of different blocks count apart."""
    rows = cached = unsendable = asked = prompt = expected = most = 0
    limited = True
    mean = cache.mean_tokens(endpoint.model)
    usual = FIRST_GUESS if mean is None else math.ceil(mean)
    for block in blocks:
        slots = [Slot(endpoint, request, sampling) for request in block]
        fresh = {slot.key: slot for slot in slots if slot.key}
        found = cache.look(list(fresh))
        rows += len(slots)
        unsendable += sum(not slot.key for slot in slots)
        for key, slot in fresh.items():
            if key in found:
                continue
            limit = slot.sampling.most
            asked += 1
            prompt += slot.count()
            expected += usual if limit is None else min(usual, limit)
            limited = limited and limit is not None
            most += limit or 0
    cached = rows - unsendable - asked
    priced = settings.price_in is not None or settings.price_out is not None
    cost = price(settings, prompt, expected) if priced else None
    cost_at_most = price(settings, prompt, most) if priced and limited else None
    return Estimate(rows, cached, unsendable, asked, prompt, expected, cost, cost_at_most, *cache.spent())
