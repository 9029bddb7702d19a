"""The HTTP API: models of what goes in and out, and the routes, each file about one thing. Nothing heavy is imported here."""
