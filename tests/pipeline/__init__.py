"""Tests of the pipeline: from a photo to a Result."""
