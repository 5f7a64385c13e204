"""The command line: the only room that prints and exits. Each group of verbs has a file."""

from pointline.cli.app import main

__all__ = ["main"]
