"""A photo is divided into straight-edged segments that cover the frame exactly once."""
