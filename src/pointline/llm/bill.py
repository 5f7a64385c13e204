"""Tokens and money: what was spent, what requests under way may still cost, and what the budget allows."""

from __future__ import annotations

import math

import msgspec

from pointline.llm.reading import Reading
from pointline.llm.settings import Settings
from pointline.llm.slot import Slot
from pointline.llm.tokens import tokens

DOUBT = 2.0
"""What a prompt may be, in estimates, before the first answer."""
FIRST_GUESS = 256
"""Tokens expected of an answer before any was seen, where nothing limits it."""


class Bill(msgspec.Struct):
    """A running account; money in the unit of the prices (0 without prices).

    asked: requests sent; answers: paid answers; estimated: those whose tokens the server did not count;
    lost: requests without an answer that may have been charged all the same: booked with their prompt's tokens.
    ratio: the most that a counted prompt was of its estimate; a budget sets that much aside.
    earlier_cost, earlier_tokens: what others have paid in the same cache, counted where there is a budget.
    """

    asked: int = 0
    answers: int = 0
    estimated: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    lost: int = 0
    lost_tokens: int = 0
    cost: float = 0.0
    held_tokens: int = 0
    held_cost: float = 0.0
    earlier_cost: float = 0.0
    earlier_tokens: int = 0
    written_cost: float = 0.0
    written_tokens: int = 0
    ratio: float = 1.0

    @property
    def tokens(self) -> int:
        """All tokens that were or may have been charged."""
        return self.prompt_tokens + self.completion_tokens + self.lost_tokens

    @property
    def all_cost(self) -> float:
        """Money that counts against the budget: of this client, and of all others on its cache."""
        return self.cost + self.earlier_cost

    @property
    def all_tokens(self) -> int:
        """Tokens that count against the budget."""
        return self.tokens + self.earlier_tokens

    def written(self, cost: float, tokens: int, spent: tuple[float, int]) -> None:
        """So much of this client's stands in the cache now, of `spent` by all; the rest is others'."""
        self.written_cost += cost
        self.written_tokens += tokens
        self.earlier_cost = max(0.0, spent[0] - self.written_cost)
        self.earlier_tokens = max(0, spent[1] - self.written_tokens)

    def hold(self, settings: Settings, slot: Slot) -> bool:
        """Set aside what a row's request may cost; False where the budget does not allow it."""
        if not settings.limited:
            return True
        if not self.answers and self.held_tokens:  # the first answer tells how the server counts
            return False
        prompt = math.ceil(slot.count() * (self.ratio if self.answers else DOUBT))
        answer = self.expected(slot.sampling.most)
        cost = price(settings, prompt, answer)
        most = settings.budget_tokens
        if most is not None and self.all_tokens + self.held_tokens + prompt + answer > most:
            return False
        if settings.budget is not None and self.all_cost + self.held_cost + cost > settings.budget * (1 + 1e-9):
            return False
        slot.held = (prompt + answer, cost)
        self.held_tokens += prompt + answer
        self.held_cost += cost
        return True

    def give_back(self, slot: Slot) -> None:
        """What was set aside for a row is booked by now, or not needed."""
        self.held_tokens -= slot.held[0]
        self.held_cost -= slot.held[1]
        slot.held = (0, 0.0)

    def pay(self, settings: Settings, said: Reading, slot: Slot) -> tuple[int, int, bool, float]:
        """Book an answer; returns its prompt tokens, answer tokens, whether estimated, and its cost."""
        guessed = said.prompt_tokens is None or said.completion_tokens is None
        prompt = slot.count() if said.prompt_tokens is None else said.prompt_tokens
        if settings.limited:
            self.ratio = max(self.ratio, prompt / max(slot.count(), 1))
        answer = tokens(said.text) if said.completion_tokens is None else said.completion_tokens
        cost = price(settings, prompt, answer)
        self.answers += 1
        self.estimated += guessed
        self.prompt_tokens += prompt
        self.completion_tokens += answer
        self.cost += cost
        return prompt, answer, guessed, cost

    def lose(self, settings: Settings, slot: Slot) -> tuple[float, int]:
        """Book a request that brought nothing and may have been charged; returns its cost and tokens."""
        cost, prompt = price(settings, slot.count(), 0), slot.count()
        self.lost += 1
        self.lost_tokens += prompt
        self.cost += cost
        return cost, prompt

    def expected(self, most: int | None) -> int:
        """Tokens to expect of the next answer: the most allowed, else the mean so far."""
        if most is not None:
            return most
        return -(-self.completion_tokens // self.answers) if self.answers else FIRST_GUESS


def price(settings: Settings, prompt: int, answer: int) -> float:
    """What so many tokens cost; 0 without prices."""
    return (prompt * (settings.price_in or 0.0) + answer * (settings.price_out or 0.0)) / 1e6
