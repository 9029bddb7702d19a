"""The objective of a painting: one sum of terms, evaluated whole, in tiles, or window by window.

`terms` holds the terms and their formulas, and `build` makes them from the photo, the styles and the masks. `objective` evaluates
a level of the image pyramid as a whole, or through `tiled` with the memory of one tile and the same result. `windowed` has the
terms as functions of one window of a canvas that is too large for either. `problem` moves the sampling grid.
"""
