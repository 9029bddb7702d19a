"""Tests of imaging/gain_maps."""
