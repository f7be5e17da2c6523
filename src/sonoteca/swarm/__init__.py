"""Swarm: what the volumes' torrents name leaves through a client that only gives.

Takes   torrents/*.seed.json: a torrent, and where in the store the bytes of each of its files lie.
Gives   each of them seeded, as long as its seed file is there; the answers "sync" and "status".
Undoes  by the file's absence: what has no seed file is not served, and after a "sync" certainly not.
"""
