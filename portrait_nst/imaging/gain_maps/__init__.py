"""Gain maps of Ultra HDR pictures: found in a JPEG, carried over to a result, and written behind it."""
