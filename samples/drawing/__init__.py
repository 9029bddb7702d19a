"""Ways of drawing a style picture, one module each, and what they share or are made after.

Every style module has SIZE, its (width, height) in units, and draw(sheet), which returns the picture as
HWC float32 RGB in [0, 1] at the sheet's own resolution. `canvas` and `brush` serve all of them; `scene` serves
those that are painted after a motif kept in a module of its own: `still_life` (oil), `street` (palette_knife) and
`dancers` (pastel). `printing` and `walker` belong to ukiyo_e.
"""
