"""What paints the frames of a clip, by quality: each is a `FramePainter`."""
