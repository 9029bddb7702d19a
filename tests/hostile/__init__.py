"""A campaign of hostile files: whatever the bytes are, a reader gives a value or one line, and nothing else happens.

    python -m tests.hostile --count 20000 --seconds 600 --target decode --seed 1 --keep FOLDER
    python -m tests.hostile --target decode --seed 1 --number 123 --keep FOLDER

An input is known by its target, its seed and its number, from which it is made anew. A failure is an exception other than a
PortraitError of one line, more than 10 s or 1 GB, anything printed, a write outside the input's folder, a program or a connection
that is started, or the end of the process. Inputs are run in a process of their own, so that a crash is found and named.
"""
