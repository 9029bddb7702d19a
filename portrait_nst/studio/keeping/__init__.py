"""What the studio keeps: an SQLite file of things and jobs, and a folder of files whose names are ids."""
