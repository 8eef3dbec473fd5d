"""The HTTP server: waitress, with ceilings of our own.

One loop reads requests, bodies included, and sends answers; threads get whole requests only. So nobody holds a thread
by sending or reading slowly, and bodies wait on disk. What is ours: `connections` bounds what one connection may send
and how slowly, `chunks` how it may cut it, `spool` what all bodies and those of one address hold, `lanes` how many
threads may wait for the outside world.
"""
