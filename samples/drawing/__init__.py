"""Six ways of drawing a style picture, one module each; `canvas` and `brush` are what they share.

Every style module has SIZE, its (width, height) in units, and draw(sheet), which returns the picture as
HWC float32 RGB in [0, 1] at the sheet's own resolution.
"""
