"""Calls: which requests to the kernel a child of the workshop may not make at all (seccomp).

Takes  nothing.   Gives  whether the filter stands: not on an architecture without numbers here, nor without seccomp.
Order  after `forgo_privileges` (workshop_walls.py): the kernel takes a filter from nobody who could gain rights.

Landlock closes files and TCP, an empty network namespace the rest of the network; but many containers allow no
namespace, and then UDP and local sockets would be open. No decoder needs a socket, a program, another process's memory
or a ring of requests that goes around filters (io_uring), so they are refused by number, wherever there is seccomp.

A call under another architecture's numbers (32 bits, x32) ends the process: they are a known way around.
"""

import ctypes
import os
import platform
import struct

_LIBC = ctypes.CDLL(None, use_errno=True)
_SET_SECCOMP, _MODE_FILTER = 22, 2
# linux/audit.h: the architecture's mark, then (asm/unistd.h) the numbers of NAMES.
_MARKS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NAMES = """
    socket connect accept bind listen socketpair accept4 execve execveat ptrace process_vm_readv process_vm_writev
    io_uring_setup bpf perf_event_open keyctl add_key request_key userfaultfd
"""
_NUMBERS = {
    "x86_64": (41, 42, 43, 49, 50, 53, 288, 59, 322, 101, 310, 311, 425, 321, 298, 250, 248, 249, 323),
    "aarch64": (198, 203, 202, 200, 201, 199, 242, 221, 281, 117, 270, 271, 425, 280, 241, 219, 217, 218, 282),
}
_X32 = 0x40000000
# linux/bpf_common.h: load a word; jump if equal, if greater or equal; return.
_LOAD, _IF_EQUAL, _IF_LARGE, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _MARK_AT = 0, 4  # of struct seccomp_data
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 13, 0x80000000  # EACCES


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def refuse_calls() -> bool:
    """Puts the filter up, for ever."""
    machine = platform.machine()
    if machine not in _NUMBERS or struct.calcsize("P") != 8:
        return False
    steps = _steps(_MARKS[machine], _NUMBERS[machine])
    program = _Program(len(steps) // 8, steps)
    if _LIBC.prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0:
        return True
    number = ctypes.get_errno()
    if number == 22:  # EINVAL: a kernel without it
        return False
    raise OSError(number, f"prctl(SECCOMP): {os.strerror(number)}")


def _steps(mark: int, numbers: tuple[int, ...]) -> bytes:
    """The filter: eight bytes a step; jumps count from the step behind."""
    refuse = len(numbers)
    steps = [
        (_LOAD, 0, 0, _MARK_AT),
        (_IF_EQUAL, 0, refuse + 4, mark),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_LARGE, refuse + 2, 0, _X32),
        *((_IF_EQUAL, refuse - place, 0, number) for place, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _KILL),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
