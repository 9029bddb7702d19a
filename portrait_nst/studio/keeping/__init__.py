"""What the studio keeps: a row for each thing and job in an SQLite file, and a folder of files for each."""
