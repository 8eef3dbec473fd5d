"""Documents and shapes: JSON-LD contexts, JSON Schemas and marshmallow schemas. No behaviour, no imports of ours."""
