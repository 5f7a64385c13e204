"""One function over many shards: in this process, in worker processes, or on a Ray cluster."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import socket
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


@contextlib.contextmanager
def cluster(address: str | None) -> Iterator[None]:
    """Connect to a Ray cluster for the block; `address` None starts Ray on this machine.

    Raises Fault where no cluster answers, MissingExtra where Ray is absent.
    """
    try:
        import ray
    except ImportError:
        raise MissingExtra("scale", "ray") from None
    if ray.is_initialized():
        yield
        return
    _knock(address)
    try:
        ray.init(address=address, include_dashboard=False if address is None else None, log_to_driver=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise _no_cluster(address, str(error).splitlines()[0] if str(error) else type(error).__name__) from None
    try:
        yield
    finally:
        ray.shutdown()


def on_ray(do: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
    """Run tasks on the Ray cluster that `cluster` connected, results as they come; a dead node's tasks run elsewhere.

    Inputs and outputs must lie on a file system that all nodes see. Raises Fault with a task's line.
    """
    import ray

    remote = ray.remote(max_retries=-1, num_cpus=1)(_caught)
    held = ray.put(do)
    waiting = [remote.remote(held, task) for task in tasks]
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=1)
        yield _result(ray.get(ready[0]))


def _knock(address: str | None) -> None:
    """Say at once that nobody answers: Ray itself would try for minutes."""
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if colon and port.isdigit():
        try:
            socket.create_connection((host, int(port)), timeout=10).close()
        except OSError as error:
            raise _no_cluster(address, error.strerror or str(error)) from None


def _no_cluster(address: str | None, what: str) -> Fault:
    fix = "start one with `ray start --head` and name its address"
    return Fault(f"no Ray cluster at {address or 'this machine'} ({what}); {fix}")


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
