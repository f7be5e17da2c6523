"""Demo: an archive with something in it, at once: a small label that does not exist, its music composed on the spot.

    theory   scales, chords, voice leading           score    a piece → notes
    synth    a note → sound                          room     the space around it
    wav, cover   bytes of a WAV, of a PNG            label    what the label has published
    compose  all of it, into a folder

Everything is the project's own work and dedicated to the public (CC0-1.0), so that it may be archived, published and
seeded by anyone. The same bytes come out on every machine: see synth.
"""
