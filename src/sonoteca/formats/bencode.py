"""Bencode (BEP 3): the bytes of .torrent files, strict in and canonical out, so that one value has one form.

Takes  bytes from anywhere.   Gives  plain values (int, bytes, list, dict with bytes for keys) and back.
Never  raises anything but Malformed for bytes; accepts keys out of order or twice, leading zeros, -0, bytes after the
       end, numbers beyond 64 bits; or recurses, so that no nesting exhausts the stack.

BEP 3 leaves a reader two ways with a dict that is not canonical: refuse it, or keep its bytes. This one refuses, hence
the bytes of a part and the form of its value never differ; `parse_with_raw` gives both, so that nobody rests on that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sonoteca.model.malformed import Malformed

Value: TypeAlias = int | bytes | list["Value"] | dict[bytes, "Value"]

MAX_DEPTH = 100  # libtorrent's load_torrent_limits: the strictest of the stock clients that say what theirs are
MAX_TOKENS = 3_000_000
MAX_INT = 2**63 - 1
_LENGTH_DIGITS = 10  # a text of 9,999,999,999 bytes is longer than anything that is read here
_INT_DIGITS = 19
_DIGITS = b"0123456789"
_I, _L, _D, _E, _COLON = b"ilde:"


def parse(raw: bytes, max_depth: int = MAX_DEPTH, max_tokens: int = MAX_TOKENS) -> Value:
    """The value of one bencoded text; Malformed says what is wrong, and at which byte.

    A token is an integer, a text, or one end of a list or dict: `tokens` counts them in a value.
    """
    return _Reader(raw=raw, max_depth=max_depth, tokens_left=max_tokens).value()


def parse_with_raw(raw: bytes, key: bytes) -> tuple[dict[bytes, Value], bytes]:
    """A dict, and the bytes of the value of one of its keys exactly as they stand in `raw`; Malformed without it."""
    value, found = _dict_with_spans(raw)
    if key not in found:
        raise Malformed("B110", f"no key {_shown(key)}")
    return value, raw[slice(*found[key])]


def spans(raw: bytes) -> dict[bytes, tuple[int, int]]:
    """Where the value of each key of a dict stands in `raw`: its first byte, and the one behind its last."""
    return _dict_with_spans(raw)[1]


def _dict_with_spans(raw: bytes) -> tuple[dict[bytes, Value], dict[bytes, tuple[int, int]]]:
    reader = _Reader(raw=raw, max_depth=MAX_DEPTH, tokens_left=MAX_TOKENS)
    value = reader.value()
    if not isinstance(value, dict):
        raise Malformed("B110", "at byte 0: not a dict")
    return value, reader.found


def format(value: Value) -> bytes:
    """The one form of a value; keys are put in order. ValueError for what bencode cannot say."""
    chunks: list[bytes] = []
    _write(value, chunks)
    return b"".join(chunks)


def format_joined(entries: Mapping[bytes, bytes | memoryview]) -> bytes:
    """A dict from values that are formatted already, so that a large one is not written twice."""
    chunks: list[bytes | memoryview] = [b"d"]
    for key in sorted(entries):
        chunks += (b"%d:%b" % (len(key), key), entries[key])
    return b"".join([*chunks, b"e"])


def tokens(value: Value) -> int:
    """How many tokens a reader meets in this value."""
    if isinstance(value, dict):
        return 2 + len(value) + sum(map(tokens, value.values()))
    if isinstance(value, list):
        return 2 + sum(map(tokens, value))
    return 1


def _write(value: Value, chunks: list[bytes]) -> None:
    if isinstance(value, bytes):
        chunks.append(b"%d:%b" % (len(value), value))
    elif isinstance(value, dict):
        chunks.append(b"d")
        for key in sorted(value):
            if not isinstance(key, bytes):
                raise ValueError(f"a key that is {type(key).__name__}, not bytes")
            chunks.append(b"%d:%b" % (len(key), key))
            _write(value[key], chunks)
        chunks.append(b"e")
    elif isinstance(value, list):
        chunks.append(b"l")
        for item in value:
            _write(item, chunks)
        chunks.append(b"e")
    elif type(value) is int and -MAX_INT - 1 <= value <= MAX_INT:
        chunks.append(b"i%de" % value)
    else:
        raise ValueError(f"bencode has no {type(value).__name__} such as {value!r:.40}")


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Open:
    """A list or dict whose end has not come: `key` is what waits for its value, `last` the key before."""

    value: list[Value] | dict[bytes, Value]
    key: bytes | None = None
    last: bytes | None = None


@dataclass(slots=True)
class _Reader:
    """One pass over `raw` with a stack of its own."""

    raw: bytes
    max_depth: int
    tokens_left: int
    # Where the values of the outermost dict stand, and where the one that is being read begins.
    found: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    start: int = 0
    at: int = 0
    stack: list[_Open] = field(default_factory=list)

    def value(self) -> Value:
        while True:
            done = self._step()
            if done is not None:
                break
        if self.at != len(self.raw):
            raise self._wrong("bytes after the end")
        return done

    def _step(self) -> Value | None:
        """Reads one token; gives the outermost value when it is whole."""
        byte = self._peek()
        self.tokens_left -= 1
        if self.tokens_left < 0:
            raise self._wrong("more tokens than are read", "B105")
        if byte == _E and self.stack:
            return self._close()
        if self._wants_key():
            self._key()
            return None
        if byte in (_L, _D):
            self._begin([] if byte == _L else {})
            return None
        return self._attach(self._int() if byte == _I else self._text())

    def _peek(self) -> int:
        if self.at >= len(self.raw):
            raise self._wrong("ends too early")
        return self.raw[self.at]

    def _wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _begin(self, value: list[Value] | dict[bytes, Value]) -> None:
        if len(self.stack) >= self.max_depth:
            raise self._wrong(f"nested more than {self.max_depth} deep", "B104")
        self.stack.append(_Open(value))
        self.at += 1

    def _close(self) -> Value | None:
        ended = self.stack.pop()
        if ended.key is not None:
            raise self._wrong(f"the key {_shown(ended.key)} has no value")
        self.at += 1
        return self._attach(ended.value)

    def _attach(self, value: Value) -> Value | None:
        """Puts a whole value where it belongs; gives it when it belongs nowhere."""
        if not self.stack:
            return value
        above = self.stack[-1]
        if isinstance(above.value, list):
            above.value.append(value)
        elif above.key is not None:
            above.value[above.key] = value
            if len(self.stack) == 1:
                self.found[above.key] = self.start, self.at
            above.last, above.key = above.key, None
        return None

    def _key(self) -> None:
        above, start = self.stack[-1], self.at
        key = self._text()
        if above.last is not None and key <= above.last:
            self.at = start
            why = "stands twice" if key == above.last else "is out of order"
            raise self._wrong(f"the key {_shown(key)} {why}", "B103")
        above.key = key
        if len(self.stack) == 1:
            self.start = self.at

    def _text(self) -> bytes:
        colon = self.raw.find(b":", self.at, self.at + _LENGTH_DIGITS + 1)
        digits = self.raw[self.at : colon] if colon >= 0 else b""
        if not _is_number(digits):
            raise self._wrong("no value begins here")
        start = colon + 1
        end = start + int(digits)
        if end > len(self.raw):
            raise self._wrong(f"a text of {int(digits)} bytes does not fit in what is left")
        self.at = end
        return self.raw[start:end]

    def _int(self) -> int:
        end = self.raw.find(b"e", self.at, self.at + _INT_DIGITS + 3)
        digits = self.raw[self.at + 1 : end] if end >= 0 else b""
        bare = digits[1:] if digits[:1] == b"-" else digits
        if not _is_number(bare) or digits == b"-0":
            raise self._wrong("not a whole number in its one form", "B103" if end >= 0 else "B102")
        value = int(digits)
        if not -MAX_INT - 1 <= value <= MAX_INT:
            raise self._wrong("a number beyond 64 bits", "B106")
        self.at = end + 1
        return value

    def _wrong(self, why: str, code: str = "B102") -> Malformed:
        return Malformed(code, f"at byte {self.at}: {why}")


def _is_number(digits: bytes) -> bool:
    """Whether these are digits without leading zeros."""
    return bool(digits) and not digits.translate(None, _DIGITS) and (digits[:1] != b"0" or digits == b"0")


def _shown(key: bytes) -> str:
    return repr(key[:40].decode("utf-8", "backslashreplace"))
