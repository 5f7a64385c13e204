"""Train: fitting models."""
