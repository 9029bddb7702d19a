"""The manifest: a database with a row per job, its lock, its copy in a store, and digests of the files that jobs use."""
