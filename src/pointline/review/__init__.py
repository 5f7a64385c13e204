"""Review: people correct samples on a page - one person on a laptop, or a group with overlap and adjudication."""
