"""Read-only questions for pages, the API and whoever watches."""
