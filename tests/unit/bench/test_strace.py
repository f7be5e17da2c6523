"""What strace writes, read: whole calls and calls cut in two, before and after an object is whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from sonoteca.bench import strace
from tests.tools import missing

HOME = "/a/store/f9/7b/urn%3auuid%3a1"
MASTER = f"{HOME}/v1/content/masters/01.flac"
OPUS = f"{HOME}/v2/content/access/trk_a.opus"
DEPOSIT = f'7 renameat2(13</a/quarantine/r/object>, "tree", 17<{HOME}>, "v2", RENAME_NOREPLACE) = 0'
NEW = '7 renameat2(13</a/quarantine/1/object>, "tree", 17</a/store/f9/7b>, "urn%3auuid%3a1", RENAME_NOREPLACE) = 0'


def opened(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f'8 openat(5<{folder}>, "{name}", O_RDONLY|O_CLOEXEC) = 4<{path}>'


def test_what_is_read_to_make_a_version_is_no_extra_read() -> None:
    lines = [NEW, opened(MASTER), f'8 read(4<{MASTER}>, ""..., 262144) = 262144', DEPOSIT]
    assert strace.count(lines) == strace.Reads(making_bytes=262_144)


def test_what_is_read_afterwards_is_counted_with_every_call_that_reads() -> None:
    lines = [
        NEW,
        DEPOSIT,
        opened(MASTER),
        f'8 read(4<{MASTER}>, ""..., 262144) = 1',
        f'8 pread64(4<{OPUS}>, ""..., 16384, 0) = 10',
        f'8 preadv(4<{OPUS}>, [{{iov_base=""..., iov_len=16384}}], 1, 0) = 100',
        f"8 mmap(NULL, 1000, PROT_READ, MAP_SHARED, 4<{OPUS}>, 0) = 0x7f84bb374000",
        f"8 sendfile(9<socket:[77]>, 4<{OPUS}>, [0], 10000) = 10000",
        f"8 copy_file_range(4<{OPUS}>, NULL, 5</tmp/copy>, NULL, 100000, 0) = 100000",
    ]
    assert strace.count(lines) == strace.Reads(opened=1, bytes=111_111)


def test_a_call_that_another_process_interrupts_is_put_together() -> None:
    lines = [
        f"8 read(4<{MASTER}>,  <unfinished ...>",
        '9 read(4</a/store/f9/7b/other>, ""..., 4096) = 4096',
        '8 <... read resumed>""..., 262144) = 512',
    ]
    assert strace.count(lines) == strace.Reads(bytes=512)


def test_what_failed_and_what_is_no_audio_of_the_store_does_not_count() -> None:
    lines = [
        DEPOSIT,
        f'8 openat(5<{HOME}>, "v3", O_RDONLY) = -1 ENOENT (No such file or directory)',
        f'8 read(4<{HOME}/v2/content/pieces/00.pieces>, ""..., 4096) = 4096',
        f'8 read(4<{HOME}/inventory.json>, ""..., 4096) = 4096',
        '8 read(4</a/quarantine/render-1/1/trk_a.opus>, ""..., 4096) = 4096',
        f'8 read(4<{MASTER}>, ""..., 4096) = ? ERESTARTSYS (To be restarted)',
        "8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f84bb374000",
        "+++ exited with 0 +++",
    ]
    assert strace.count(lines) == strace.Reads()


def test_each_object_has_its_own_afterwards() -> None:
    other = MASTER.replace("f9/7b", "00/11")
    lines = [DEPOSIT, f'8 read(4<{other}>, ""..., 4096) = 4096', DEPOSIT.replace("f9/7b", "00/11")]
    assert strace.count(lines) == strace.Reads(making_bytes=4096)


def test_strace_itself_sees_a_file_opened_folder_by_folder(tmp_path: Path) -> None:
    if strace.find_strace() is None:
        missing("needs the program 'strace'")
    folder = tmp_path / "store" / "ab" / "cd" / "urn" / "v1" / "content" / "masters"
    folder.mkdir(parents=True)
    (folder / "ä 1.wav").write_bytes(bytes(3000))
    script = (
        "import os, sys; here = os.open(sys.argv[1], os.O_RDONLY); f = os.open('ä 1.wav', os.O_RDONLY, dir_fd=here);"
    )
    script += "os.read(f, 1000); os.pread(f, 1000, 5)"
    log = tmp_path / "log"
    came = subprocess.run(strace.traced([sys.executable, "-c", script, str(folder)], str(log)), capture_output=True)
    if came.returncode:
        pytest.skip(f"strace may not look here: {came.stderr[-200:].decode()}")
    assert strace.count(log.read_text().splitlines()) == strace.Reads(opened=1, bytes=2000)
