"""Pure builders of what the service publishes: bytes and values in, documents out; no database, no key, no clock."""
