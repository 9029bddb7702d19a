"""What a painting is judged by: one sum of terms, evaluated whole, in tiles, or window by window.

`terms` holds what there is to evaluate and its formulas, `build` makes it from photo, styles and masks. `whole` evaluates a
level of the image pyramid at once and `tiled` with the memory of one tile, with the same result; `objective` chooses. `windowed`
has the terms as functions of one window of a canvas that is too large for either. `problem` moves the sampling grid.
"""
