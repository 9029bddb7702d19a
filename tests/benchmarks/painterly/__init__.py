"""Is it a painting? The table, sheets and plot of `python -m tests.benchmarks.painterly`."""
