"""Live: what the page's camera sends, painted by the instant network in a process of its own, one session at a time."""
