"""One function over many shards: in this process, in worker processes, or on a Ray cluster."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Literal, TypeAlias, TypeVar

from pointline.errors import MissingExtra, PointlineError

Engine: TypeAlias = Literal["local", "ray"]
T = TypeVar("T")
R = TypeVar("R")


class Fault(PointlineError):
    """A fault that a worker met; its text is the worker's one line."""


def in_turn(do: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
    """Run tasks one after another in this process."""
    return map(do, tasks)


def in_processes(do: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[R]:
    """Run tasks in worker processes, results as they come; `do` and tasks must be picklable.

    Raises Fault with a worker's line, or where a worker was killed; tasks not begun are dropped then.
    """
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_steady)
    try:
        for future in as_completed([pool.submit(_caught, do, task) for task in tasks]):
            try:
                yield _result(future.result())
            except BrokenProcessPool:
                raise Fault("a worker process was killed; run again: finished shards are kept") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def on_ray(do: Callable[[T], R], tasks: Sequence[T], address: str | None) -> Iterator[R]:
    """Run tasks on Ray core, results as they come; a task whose node dies is run again elsewhere.

    `address` None starts Ray on this machine. Inputs and outputs must lie on a file system that all nodes see.
    Raises Fault with a task's line, MissingExtra where Ray is absent.
    """
    try:
        import ray
    except ImportError:
        raise MissingExtra("scale", "ray") from None
    started = not ray.is_initialized()
    if started:
        ray.init(address=address, include_dashboard=False, log_to_driver=False)
    try:
        remote = ray.remote(max_retries=-1, num_cpus=1)(_caught)
        waiting = [remote.remote(do, task) for task in tasks]
        while waiting:
            ready, waiting = ray.wait(waiting, num_returns=1)
            yield _result(ray.get(ready[0]))
    finally:
        if started:
            ray.shutdown()


def _caught(do: Callable[[T], R], task: T) -> R | str:
    """The result, or the line of a fault: exceptions with fields of their own do not survive pickling."""
    try:
        return do(task)
    except PointlineError as error:
        return str(error)


def _result(said: Any) -> Any:
    if isinstance(said, str):
        raise Fault(said)
    return said


def _steady() -> None:
    """Rows are trees without cycles: the cycle collector only costs time in a worker."""
    with contextlib.suppress(Exception):
        gc.freeze()
    gc.disable()
