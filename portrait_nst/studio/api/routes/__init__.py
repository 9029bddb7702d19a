"""The routes, a file for each thing; `api.app` puts them together."""
