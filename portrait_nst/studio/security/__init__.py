"""Who may, and what comes in: hosts and origins, tokens, headers, limits, kinds of files, and answers without traces."""
