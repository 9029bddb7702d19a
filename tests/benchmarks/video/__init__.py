"""How steady painted clips are: warp error, frozen texture, drift, flicker of mattes."""
