"""Live: the camera painted in a window."""
