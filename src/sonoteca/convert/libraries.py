"""Libraries: which versions of FFmpeg and libopus make our files.

Takes  nothing but what is installed.   Gives  versions by name, for recipe ids; where one of them lies.
Never  loads FFmpeg: the coordinator asks too, and stays small. A wheel of PyAV lists the libraries that it brings, with
       their versions in their names; of a PyAV that was built against the system's libraries only its own version is
       known here, and theirs are "unknown".
"""

import re
from importlib.metadata import distribution

# av.libs/libavcodec-5e6b81c2.so.62.28.102 (auditwheel), av/.dylibs/libopus.0.dylib (delocate) says no more than a 0.
_BUNDLED = re.compile(r"(?P<name>lib[a-z]+)-[0-9a-f]{8}\.so\.(?P<version>[0-9.]+)")
_WANTED = frozenset({"libavcodec", "libavformat", "libswresample", "libopus"})


def library_versions() -> dict[str, str]:
    """{"av": "18.1.0", "libavcodec": "62.28.102", "libopus": "0.11.1", …}. libopus is named by its ABI, which every
    release of it moves (0.11.1 is 1.6)."""
    av = distribution("av")
    found = (_BUNDLED.fullmatch(path.name) for path in av.files or ())
    bundled = {hit["name"]: hit["version"] for hit in found if hit and hit["name"] in _WANTED}
    return {"av": av.version, **dict(sorted(bundled.items()))}


def find_bundled(name: str) -> str | None:
    """The path of a library that the wheel brings; None when it brings no such library."""
    for path in distribution("av").files or ():
        hit = _BUNDLED.fullmatch(path.name)
        if hit and hit["name"] == name:
            return str(path.locate())
    return None
