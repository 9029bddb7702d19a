"""The slow work: one painter, in a process of its own, and the queue before it."""
