"""Titles as taggers of five decades wrote them, and what they must be read as."""

import pytest

from sonoteca.acquire.probe_encodings import Reading, detect, read_as

WRONG = [
    ("タイトル", "shift_jis"),
    ("Sonic Foundry ACID 3 で作成", "shift_jis"),
    ("東方幻想郷 第一話", "shift_jis"),
    ("日本語の歌", "euc_jp"),
    ("角落之歌", "gbk"),
    ("DJ 小明 remix版", "gbk"),
    ("休闲音乐", "gbk"),
    ("苏云", "gbk"),
    ("周杰倫 葉惠美", "big5"),
    ("가나다라", "euc_kr"),
    ("사랑했지만 노래", "euc_kr"),
    ("Эльфийская земля", "cp1251"),
    ("Геннадий", "cp1251"),
    ("Антон", "cp1251"),
    ("ВЫСОЦКИЙ - Кони привередливые", "cp1251"),
    ("Привет мир", "koi8_r"),
    ("Ελλάδα μου", "cp1253"),
    ("Żółw\nŁukasz", "cp1250"),
    ("Lech Wałęsa", "cp1250"),
    ("Łódź nocą", "cp1250"),
]
RIGHT = [
    "Señor Flamingos Adieu",
    "häst",
    "Björk",
    "Ça ira",
    "Ñ",
    "Café – Über",
    "Motörhead",
    "Sigur Rós: Ágætis byrjun",
    "© 2004",
    "½ Mensch",
    "50 m³ Ágætis",
    "£5 für José",
    "¿Qué será, será?",
    "Škoda Žiži",
]


@pytest.mark.parametrize(("text", "encoding"), WRONG)
def test_declared_latin_1_and_something_else(text: str, encoding: str) -> None:
    raw = text.encode(encoding)
    assert read_as("latin-1", raw, detect([raw], "latin-1")) == Reading(text, raw.hex(), encoding)


@pytest.mark.parametrize(("text", "encoding"), WRONG)
def test_declared_utf_8_and_something_else(text: str, encoding: str) -> None:
    raw = text.encode(encoding)
    assert read_as("utf-8", raw, detect([raw], "utf-8")) == Reading(text, raw.hex(), encoding)


@pytest.mark.parametrize("text", RIGHT)
def test_western_text_stays_what_it_is(text: str) -> None:
    raw = text.encode("cp1252")
    found = read_as("latin-1", raw, detect([raw], "latin-1"))
    assert found.text == text
    assert not raw.isascii() and (found.raw == "") == (raw.decode("latin-1") == text)


@pytest.mark.parametrize("text", RIGHT + [text for text, _ in WRONG])
def test_utf_8_declared_as_latin_1(text: str) -> None:
    raw = text.encode()
    found = read_as("latin-1", raw, detect([raw], "latin-1"))
    assert (found.text, found.encoding) == (text, "utf-8" if not raw.isascii() else "")


def test_one_file_one_encoding() -> None:
    """Two letters say nothing; beside a longer title they do."""
    values = [text.encode("cp1251") for text in ("Да", "Эльфийская земля")]
    detected = detect(values, "latin-1")
    assert [read_as("latin-1", value, detected).text for value in values] == ["Да", "Эльфийская земля"]


def test_bytes_that_are_no_text_are_kept_and_shown_somehow() -> None:
    raw = b"\xff\xfe\x80bad\xc3(utf8\xed\x81"
    found = read_as("utf-8", raw, detect([raw], "utf-8"))
    assert bytes.fromhex(found.raw) == raw and "bad" in found.text


def test_ascii_is_never_doubted() -> None:
    assert read_as("latin-1", b"plain", "cp1251") == Reading("plain")
    assert detect([b"plain", b""], "utf-8") == ""


def test_what_is_valid_stays_beside_what_is_not() -> None:
    """Two programs wrote into one file."""
    broken, whole = "Café".encode("latin-1"), "Ünï".encode()
    found = detect([broken, whole], "utf-8")
    assert read_as("utf-8", whole, found) == Reading("Ünï")
    assert read_as("utf-8", broken, found).text == "Café"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_mark_of_16_bits_is_believed(encoding: str) -> None:
    raw = (b"\xfe\xff" if encoding.endswith("be") else b"") + "<a>Prøj</a>".encode(encoding)
    assert read_as("utf-8", raw, detect([raw], "utf-8")) == Reading("<a>Prøj</a>", raw.hex(), "utf-16")


def test_a_mark_alone_is_none() -> None:
    assert read_as("latin-1", b"\xff\xfe broken!", "").text == "ÿþ broken!"
