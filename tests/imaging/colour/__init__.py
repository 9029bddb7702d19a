"""Tests of imaging/colour."""
