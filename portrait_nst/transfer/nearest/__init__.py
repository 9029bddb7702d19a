"""Nearest features: hypercolumns, the codebook of a style, and the terms that draw each cell to its match in it."""
