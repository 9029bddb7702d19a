"""How light a colour is: the weights of red, green and blue in luma, wherever pictures are made grey."""

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, of gamma-encoded sRGB; they add up to 1
