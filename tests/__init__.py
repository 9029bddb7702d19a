"""One folder per room, plus contracts."""
