"""Score: protocols, counts, intervals and tests."""
