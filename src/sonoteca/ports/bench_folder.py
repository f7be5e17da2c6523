"""A scratch folder of the bench: the door through which synthetic recordings are written, outside any archive."""

import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import av
import numpy as np


class BenchFolder:
    """Files below one scratch folder; nothing is synced, nothing is kept."""

    PLACES: ClassVar[tuple[str, ...]] = ("the bench's scratch folder",)

    def __init__(self, root: str) -> None:
        self.root = root

    @classmethod
    @contextmanager
    def temporary(cls, below: str) -> "Iterator[BenchFolder]":
        """A new scratch folder below a folder ("": the system's), gone afterwards."""
        with tempfile.TemporaryDirectory(dir=below or None, prefix="sonoteca-bench-") as folder:
            yield cls(folder)

    def write(self, path: str, content: bytes) -> None:
        """A file, its folders made; replaces what was there."""
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)

    def write_sparse(self, path: str, head: bytes, size: int) -> None:
        """A new file that begins so and goes on with a hole: it takes little of the disk and is read as zeros."""
        self.write(path, head)
        os.truncate(os.path.join(self.root, path), size)

    def record(
        self, path: str, blocks: "Iterable[np.ndarray[tuple[int, ...], np.dtype[np.int16]]]", rate_hz: int
    ) -> None:
        """A recording of two channels, "….wav" or "….flac" (level 5, as most people make it), block by block."""
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        codec = {"wav": "pcm_s16le", "flac": "flac"}[path.rpartition(".")[2]]
        with av.open(full, "w") as container:
            stream = container.add_stream(codec, rate=rate_hz, layout="stereo")
            if not isinstance(stream, av.AudioStream):
                raise ValueError(f"{codec} is no codec of sound")
            for block in blocks:
                frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
                frame.sample_rate = rate_hz
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))

    def copy(self, path: str, to: str) -> int:
        """A plain copy of one file as `cp` makes it; gives its bytes."""
        target = os.path.join(self.root, to)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(path, "rb") as source, open(target, "wb") as file:
            size = os.fstat(source.fileno()).st_size
            if os.fstat(source.fileno()).st_dev != os.fstat(file.fileno()).st_dev:
                shutil.copyfileobj(source, file)  # the kernel copies between two kinds of file system for nobody
                return size
            left = size
            while left:
                left -= os.copy_file_range(source.fileno(), file.fileno(), left) or left
        return size

    def link(self, path: str, to: str) -> None:
        """Another name for a file."""
        target = os.path.join(self.root, to)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.link(os.path.join(self.root, path), target)

    def remove(self, path: str) -> None:
        """A file tree is gone, if it was there."""
        shutil.rmtree(os.path.join(self.root, path), ignore_errors=True)

    def below(self, path: str) -> "BenchFolder":
        """A folder in this one."""
        return BenchFolder(os.path.join(self.root, path))


def drop_caches() -> bool:
    """Whether the kernel has forgotten what it read (/proc/sys/vm/drop_caches): root alone may ask for it."""
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("1")
    except OSError:
        return False
    return True


def encoded(sound: "np.ndarray[tuple[int, ...], np.dtype[np.int16]]", rate_hz: int, form: str) -> bytes:
    """Samples (frames × channels, 16 bits) as a "wav" or "flac" file; FLAC at its fastest level."""
    raw = io.BytesIO()
    layout = "mono" if sound.shape[1] == 1 else "stereo"
    codec = {"wav": "pcm_s16le", "flac": "flac"}[form]
    with av.open(raw, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        if not isinstance(stream, av.AudioStream):
            raise ValueError(f"{codec} is no codec of sound")
        stream.options = {"compression_level": "0"} if form == "flac" else {}
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate_hz
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return raw.getvalue()
