"""Verify Open Badges 3.0 and W3C Verifiable Credentials, offline unless told otherwise."""
