"""Formats: how a sample is written as a string for a generative model and read back."""
