"""What codes mean: colour profiles, what stands for one in a file, depth, grey, and a result in its photo's own space."""
