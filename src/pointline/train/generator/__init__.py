"""Fitting generative Hugging Face models."""
