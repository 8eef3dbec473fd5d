"""The one door to JSON-LD: expansion in safe mode and RDFC-1.0, with bounded work."""
