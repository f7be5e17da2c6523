"""Sonoteca: a preservation archive for recorded music that anyone can run and anyone can mirror.

The folders are the pipeline, and stairs go down only:

    cli → bench | demo → web | pipeline → config → rooms → ledger → ports | formats → model

    acquire     what a source offers becomes a release in quarantine
    rights      evidence becomes a verdict: publish, hold or refuse
    preserve    a release becomes an object in the store that loses nothing
    catalogue   what the store and the records say becomes rows that can be searched

Rooms know neither each other nor the ledger nor the settings: the pipeline passes in what one needs of another, and
time and doors (ports) come as arguments. `make check` holds this; docs/tour.md walks through it.
"""

__version__ = "0.1.0"
