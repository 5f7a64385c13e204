"""Models: whatever turns a text into a sample."""
