"""Report: result files made readable, as tables, plots and one HTML page."""
