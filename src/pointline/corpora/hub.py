"""Data sets of the Hugging Face hub by name: the files of a repository, in the hub's own cache."""

from __future__ import annotations

from pathlib import Path

from pointline.errors import InputFault, MissingExtra

PREFIX = "hub:"
"""What opens the name of a data set on the hub, where a path could stand: `hub:owner/name`, `hub:owner/name@rev`."""


def is_hub_name(path: str | Path) -> bool:
    """Whether an input names a repository of the hub and no file.

    >>> is_hub_name("hub:owner/name"), is_hub_name("owner/name")
    (True, False)
    """
    return str(path).startswith(PREFIX)


def fetched(name: str | Path) -> Path:
    """The folder with a data set's files, downloaded once and kept where the hub's client keeps them.

    Raises InputFault where the hub cannot be reached or has no such data set, MissingExtra without its client.
    """
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError:
        raise MissingExtra("hub", "huggingface_hub") from None
    import httpx

    repository, _, revision = str(name).removeprefix(PREFIX).partition("@")
    try:
        return Path(snapshot_download(repository, repo_type="dataset", revision=revision or None))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, httpx.HTTPError, OSError) as error:
        said = " ".join(str(error).split())[:200]
        fix = "write hub:owner/name as the hub has it; HF_ENDPOINT and HF_TOKEN name another server and your key"
        raise InputFault(f"cannot be fetched from the hub ({said})", path=name, fix=fix) from None
