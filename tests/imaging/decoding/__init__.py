"""Tests of imaging/decoding."""
