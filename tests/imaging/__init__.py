"""Tests of the imaging room."""
