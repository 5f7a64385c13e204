"""`pointline WORDS...` with FSDP on the CPU, started by torchrun: accelerate turns FSDP on for GPUs only.

With POINTLINE_TEST_STOP=N the main process dies as soon as the checkpoint of step N is whole.
"""

from __future__ import annotations

import os
from typing import Any

import accelerate.state as state
from accelerate.utils import DistributedType

from pointline.cli import main
from pointline.train.generator import checkpoints

_init = state.AcceleratorState.__init__
_vouch = checkpoints.vouch


def init(self: Any, *words: Any, fsdp_plugin: Any = None, **rest: Any) -> None:
    """As on GPUs: a plugin makes the distributed type FSDP."""
    _init(self, *words, fsdp_plugin=fsdp_plugin, **rest)
    if self.distributed_type is DistributedType.MULTI_CPU and fsdp_plugin is not None:
        state.PartialState._shared_state["distributed_type"] = DistributedType.FSDP
        self.distributed_type, self.fsdp_plugin = DistributedType.FSDP, fsdp_plugin


def vouch(folder: Any, record: Any) -> None:
    """Die behind one checkpoint."""
    _vouch(folder, record)
    if str(record.step) == os.environ.get("POINTLINE_TEST_STOP"):
        os._exit(9)


if __name__ == "__main__":
    state.AcceleratorState.__init__ = init
    checkpoints.vouch = vouch
    main()
