"""Double of the signer: a real key, but always the same one for the same name."""

import hashlib

from sonoteca.formats import note
from sonoteca.ports.keys import Ed25519Signer


class SeededSigner(Ed25519Signer):
    """Signs with a key that follows from its name and a seed. Everyone can have it: for tests alone."""

    def __init__(self, name: str = "archive.example/test", seed: str = "sonoteca") -> None:
        super().__init__(note.SigningKey(name=name, seed=hashlib.sha256(f"{seed}\0{name}".encode()).digest()))
