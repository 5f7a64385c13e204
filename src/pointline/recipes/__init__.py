"""Recipes: each tells one story from start to end."""
