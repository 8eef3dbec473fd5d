"""Use cases: functions `verb(session, ..., actor, now)`. They flush and never commit; they never read the request."""
