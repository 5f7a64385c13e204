"""After a failed request: does the row go again, and when; or is it the end of the row, or of the run?"""

from __future__ import annotations

import random

from pointline.errors import BudgetSpent, EndpointFault
from pointline.llm.bill import Bill
from pointline.llm.endpoint import Endpoint
from pointline.llm.faults import KINDS, LATER, Failed
from pointline.llm.settings import Settings
from pointline.llm.slot import Slot


def pause(settings: Settings, slot: Slot, failed: Failed, draw: random.Random) -> float | None:
    """Seconds until the row is asked again, None where it is not; books the try and the pause with the row.

    What the server asks for (Retry-After) is a lower bound; else pauses double, each drawn from the upper half.
    """
    kind = KINDS[failed.kind]
    later = failed.kind in LATER
    slot.tries += not later
    if not kind.again or slot.tries >= settings.tries:
        return None
    if failed.after is not None:
        seconds = failed.after * (1 + 0.05 * draw.random()) + 0.05 * draw.random()
    else:
        longest = min(settings.backoff_limit, settings.backoff * 2.0 ** min(slot.pauses, 30))
        seconds = longest * (0.5 + 0.5 * draw.random())
    slot.pauses += 1
    slot.slept += seconds
    return None if later and slot.slept > settings.patience else seconds


def last_word(settings: Settings, slot: Slot, failed: Failed) -> Failed:
    """The fault of a row that is given up; where it waited too long for its turn, with what was asked and allowed."""
    if failed.kind not in LATER:
        return failed
    asked = "" if failed.after is None else f"the server asks to wait {failed.after:g} s; "
    detail = f"{failed.detail}; {asked}all pauses of a row together may take patience={settings.patience:g} s"
    return Failed(failed.kind, detail, failed.after)


def end_of_run(endpoint: Endpoint, failed: Failed, answered: bool) -> EndpointFault | None:
    """The one line that ends the run where every row would fail alike: a wrong key, no credit, a wrong address."""
    stops = KINDS[failed.kind].stops
    if not stops or (stops == "first" and answered):
        return None
    if failed.kind in ("auth", "forbidden"):
        key = f"the key in {endpoint.key_env}" if endpoint.key_env else "requests without a key"
        fix = "set it to a valid key" if endpoint.key_env else "name the variable that holds the key by key_env"
        what = f"the server refuses {key}"
    elif failed.kind == "quota":
        what, fix = "the account has no credit left", "add credit and run again; nothing is paid twice"
    elif failed.kind == "redirect":
        what, fix = "the server has moved", "write the address that it names"
    else:
        what, fix = "the server knows no such address or model", f"check base_url and the model {endpoint.model!r}"
    return EndpointFault(f"{endpoint.shown}: {what} ({failed.detail}); {fix}")


def silent(endpoint: Endpoint, settings: Settings) -> str:
    """Said once, when the first request of a run brought nothing in time."""
    told = f"no answer within timeout={settings.timeout:g} s"
    return f"{endpoint.shown}: {told}; each row is asked up to tries={settings.tries} times"


def gave_up(endpoint: Endpoint, failed: Failed, rows: int) -> EndpointFault:
    """The one line where too many rows in a row have failed."""
    what = f"{rows} rows in a row failed, at last by {failed.kind}"
    return EndpointFault(f"{endpoint.shown}: {what} ({failed.detail}); see to the server and run again")


def spent(settings: Settings, bill: Bill, rows: int) -> BudgetSpent:
    """The one line where the budget allows no further request."""
    if settings.budget is not None:
        what, earlier = f"{bill.all_cost:.4f} of the budget of {settings.budget:g}", f"{bill.earlier_cost:.4f}"
    else:
        what, earlier = f"{bill.all_tokens} of the budget of {settings.budget_tokens} tokens", f"{bill.earlier_tokens}"
    before = f" ({earlier} of it by other runs on this cache)" if bill.earlier_tokens else ""
    what = f"{what} is spent{before} and the next request does not fit; {rows} rows are answered"
    return BudgetSpent(f"{what}; raise it and run again: nothing is paid twice")
