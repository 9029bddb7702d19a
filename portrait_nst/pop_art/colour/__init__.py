"""Colours for segments: palettes, contrast, and one colouring in each mode."""
