"""Options that several verbs share, so that one name means one thing."""

from __future__ import annotations

from typing import Annotated

import typer

Out = Annotated[str, typer.Option("--out", help="Where to write; written aside and moved.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")]
Seed = Annotated[int, typer.Option("--seed", help="Fixes every draw.")]
