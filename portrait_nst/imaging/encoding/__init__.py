"""From samples to the bytes of a file of each format that is written."""
