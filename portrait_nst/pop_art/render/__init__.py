"""A composition as pixels, SVG, PDF, and as a painting sheet."""
