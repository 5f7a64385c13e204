"""A stream of lines cut into a fixed number of logical shards, run by processes or Ray, resumed by a manifest.

pieces    which bytes of which files are a shard's lines
sinks     a shard's rows as JSON lines, zstd JSON lines or Parquet
manifest  what is done: rows and hashes, shard by shard
distinct  lines that repeat an earlier one, found by hash partitions
engines   one function over all shards: here, in processes, on Ray
running   all of it together: `run`
"""

from pointline.shards.engines import Engine
from pointline.shards.manifest import Manifest, ShardRecord
from pointline.shards.pieces import Line, Piece, cut, line_number, read
from pointline.shards.running import Sharding, Work, run

__all__ = [
    "Engine",
    "Line",
    "Manifest",
    "Piece",
    "ShardRecord",
    "Sharding",
    "Work",
    "cut",
    "line_number",
    "read",
    "run",
]
