"""The studio under load, with everything going wrong that may: `python -m tests.benchmarks.studio.load`."""
