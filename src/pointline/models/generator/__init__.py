"""Generators: Hugging Face models that write a format's strings, read back as samples."""
