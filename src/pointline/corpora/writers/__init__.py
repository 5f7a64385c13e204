"""Writers: one file writes one other tool's format."""
