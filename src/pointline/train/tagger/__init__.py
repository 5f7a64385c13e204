"""Fitting the embedded tagger."""

from pointline.train.tagger.fitting import fit

__all__ = ["fit"]
