"""Malformed: what is wrong with a .torrent or a link of somebody else, as a ValueError with a code.

A reader of such things raises Malformed and nothing else. Codes are data, as those of findings (finding.py), and are
among them: B1 a .torrent, B2 a link (magnet), B3 a .torrent that is right and that stock clients refuse all the same.
"""


class Malformed(ValueError):
    """Says what is wrong in words, `code` in a word of MALFORMED."""

    def __init__(self, code: str, what: str) -> None:
        if code not in MALFORMED:
            raise ValueError(f"no code is {code}")
        super().__init__(what)
        self.code = code


# code: what it means
MALFORMED: dict[str, str] = {
    "B101": "a .torrent larger than clients read",
    "B102": "not bencode, cut off, or something stands after its end",
    "B103": "bencode in another than its one form: keys out of order or twice, zeros in front, -0",
    "B104": "nested deeper than is read",
    "B105": "more tokens than are read",
    "B106": "a number beyond 64 bits",
    "B110": "a field is missing, or not of the kind or size that it has to be",
    "B111": "neither v1 nor v2, or the half of one",
    "B112": "pieces cannot have this size",
    "B120": "a name that would leave its folder, or is none",
    "B121": "a name that Windows reads as a device, a drive or a way to elsewhere",
    "B122": "two files with one path",
    "B123": "a path that is a file and a folder",
    "B124": "two paths that some system takes for one: they differ in case or composition alone",
    "B125": "a file tree that grows into longer paths than are read",
    "B126": "more bytes than are believed",
    "B127": "no files",
    "B130": "SHA-1 hashes of another number of pieces than the files have",
    "B131": "piece layers are missing, or are there for nothing",
    "B132": "a piece layer that does not give the root of its file",
    "B133": "a root of the wrong length, where none belongs, or none where one does",
    "B140": "the v1 and v2 halves tell of different files",
    "B141": "a file of a hybrid begins within a piece",
    "B201": "a link that is longer than is read, or says too much",
    "B202": "not a magnet link",
    "B203": "an infohash that is none",
    "B204": "two different infohashes of one kind",
    "B205": "a link without an infohash",
    "B206": "a tracker or web seed that is no address",
    "B207": "a peer that is no address",
    "B208": "numbers of files that are none",
    "B301": "more bytes in the .torrent than stock clients read",
    "B302": "more pieces than stock clients open",
    "B303": "more tokens than stock clients read",
    "B304": "more files than a torrent that opens everywhere has",
    "B305": "a name that some client writes otherwise, and then asks a web seed for in vain",
    "B306": "two pads with one path, which rtorrent refuses",
    "B307": "an empty file: clients disagree on whether it exists",
    "B308": "a path longer than some system takes",
    "B309": "more names in a path than are read",
}
