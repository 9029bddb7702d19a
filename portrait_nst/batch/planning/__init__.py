"""Planning: which pictures there are, which jobs come of them, what their outputs are called, and what is left to do."""
