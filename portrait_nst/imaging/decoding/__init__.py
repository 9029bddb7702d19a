"""From the bytes of a file to its samples as they stand in it; what Pillow does not read well has a module for its kind."""
