"""Acquire: what a source offers becomes a release in quarantine, whole and accounted for.

Takes   a source (today: folders), the digests already known, limits, `now` and the doors to disk and probe.
Gives   candidate releases: every file either part of one, kept as a document, or refused with a finding; copies with
        their digests and hash layers, made in one read.
Undoes  by emptying the quarantine: the source is never changed, so nothing else is there to undo.
"""
