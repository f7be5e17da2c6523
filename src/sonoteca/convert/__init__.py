"""Convert: one decode of a master gives everything that is made of it and everything that is measured.

Takes   a RenderOrder: a master, what the probe found of it, the spans that are tracks and the files wanted of each; in
        a limited process that may write below one private folder.
Gives   a RenderAnswer: a Sound a track (loudness, waveform, findings, what was lost), and the files, which the
        coordinator seals and deposits as a further version of the object.
Undoes  nothing by itself: what it makes is derived, and goes with the version that holds it.
"""
