"""The service: the only part with a database, keys, users and jobs."""
