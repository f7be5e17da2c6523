"""Pure codecs: bytes to values and back, strict, canonical, round trip."""
