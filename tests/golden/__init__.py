"""Golden pictures: what the program paints, small, kept beside the tests and compared by tolerance.

`python -m tests.golden` paints them anew, after a change that is meant to change pictures; look at them before you commit.
"""
