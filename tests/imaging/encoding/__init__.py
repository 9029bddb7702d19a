"""Tests of imaging/encoding."""
