"""Scripts that measure: speed, memory, and how good the pictures are. None of them runs with the tests."""
