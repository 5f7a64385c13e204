"""Text itself: scripts, normal forms, places of strings, tokens."""
