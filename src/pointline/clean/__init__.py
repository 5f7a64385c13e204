"""Clean: rules that keep a corpus free of duplicates, conflicts and leaks."""
