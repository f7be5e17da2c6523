"""Torrents: any grouping of stored files becomes a torrent without a byte of them being read again.

Takes   a name, members (path, digest, size), and the hash layers that were computed when each file was stored.
Gives   .torrent files (hybrid, v1, v2) whose infohash follows from name and members alone; magnet links; volumes.
Undoes  by assembling without the member: what is left keeps its hashes, and when the member returns so does the
        former infohash.
"""
