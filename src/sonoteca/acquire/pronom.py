"""PRONOM: the registry's name (PUID) of a sound format, which archives still understand when FFmpeg's names have
changed.

Takes  FFmpeg's container and codec, and the variant that the structure showed.   Gives  the PUID, "" where PRONOM has
       none.
Source: DROID signature file 109 (The National Archives, Open Government Licence). ADTS AAC, GSM, Musepack, WavPack,
TAK, Shorten, DSF, DSDIFF and Enhanced AC-3 have no PUID there.
"""

# (container, codec or "*") → PUID; the codec's own line comes before the container's.
PUIDS: dict[tuple[str, str], str] = {
    ("flac", "*"): "fmt/279",
    ("ogg", "vorbis"): "fmt/203",
    ("ogg", "opus"): "fmt/946",
    ("ogg", "flac"): "fmt/947",
    ("ogg", "speex"): "fmt/948",
    ("ogg", "*"): "fmt/944",
    ("mp3", "mp1"): "fmt/347",
    ("mp3", "mp2"): "fmt/198",
    ("mp3", "mp3"): "fmt/134",
    ("mov", "alac"): "fmt/596",
    ("mov", "*"): "fmt/199",
    ("aiff", "*"): "fmt/414",
    ("asf", "wmav1"): "fmt/132",
    ("asf", "wmav2"): "fmt/132",
    ("asf", "wmapro"): "fmt/132",
    ("asf", "wmalossless"): "fmt/132",
    ("asf", "wmavoice"): "fmt/132",
    ("asf", "*"): "fmt/131",
    ("w64", "*"): "fmt/951",
    ("au", "*"): "x-fmt/139",
    ("caf", "*"): "fmt/416",
    ("matroska", "*"): "fmt/569",
    ("ac3", "*"): "fmt/735",
    ("dts", "*"): "fmt/973",
    ("mlp", "*"): "fmt/972",
    ("ape", "*"): "fmt/1086",
    ("tta", "*"): "fmt/952",
    ("amr", "amr_nb"): "fmt/356",
    ("amr", "amr_wb"): "fmt/954",
    ("voc", "*"): "fmt/1736",
    ("iff", "pcm_s8_planar"): "fmt/339",
    ("rm", "*"): "x-fmt/190",
}
# WAVE by its format chunk, and Broadcast WAVE by version and coding.
WAVE: dict[str, str] = {
    "pcm": "fmt/141",
    "ex": "fmt/142",
    "extensible": "fmt/143",
    "mpeg": "fmt/142",
    "bext-0-pcm": "fmt/703",
    "bext-1-pcm": "fmt/704",
    "bext-2-pcm": "fmt/705",
    "bext-0-mpeg": "fmt/706",
    "bext-1-mpeg": "fmt/707",
    "bext-2-mpeg": "fmt/708",
    "bext-0-extensible": "fmt/709",
    "bext-1-extensible": "fmt/710",
    "bext-2-extensible": "fmt/711",
    "bext-0-ex": "fmt/1",
    "bext-1-ex": "fmt/2",
    "bext-2-ex": "fmt/527",
}


def find_puid(container: str, codec: str, kind: str = "", variant: str = "") -> str:
    """The PUID of a file: `kind` and `variant` as in containers.Shape."""
    if kind == "rf64":
        return "fmt/713" if variant.startswith("bext") else "fmt/712"
    if kind == "aiff" and variant == "AIFC":
        return "x-fmt/136"
    if container == "wav":
        return WAVE.get(variant, "fmt/6")
    return PUIDS.get((container, codec)) or PUIDS.get((container, "*"), "")
