"""Grounded decoding: a format's grammar compiled for a tokenizer, so that a model can only write what reads well."""
