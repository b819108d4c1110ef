"""What pjsua2's Python wrapper does not offer, reached by ctypes. Relies on the pinned wheel; checked at start."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

_NO_CALL = -1
_CALL_ID_OFFSET = 16  # of Call::id behind the C++ object's vtable and user data in pjsua2-python 2.15.1
_SETTINGS_WORDS = 24
_HEAPS_AT_MOST = -8  # M_ARENA_MAX of glibc's malloc.h
_DEFAULT_TIMERS_MS = (500, 4000, 5000, 32000)  # T1, T2, T4, TD


class _Vector(ctypes.Structure):
    """libstdc++'s std::vector<unsigned char>: begin, end, capacity."""

    _fields_ = (("begin", ctypes.c_void_p), ("end", ctypes.c_void_p), ("capacity", ctypes.c_void_p))


@cache
def library() -> ctypes.CDLL:
    """The library behind the wrapper."""
    import pjsua2

    folder = Path(pjsua2.__file__).parent
    return ctypes.CDLL(str(next(folder.glob("_pjsua2*.so"))))


def vector_bytes(vector: Any) -> bytes:
    """The bytes of a `ByteVector`, forty times faster than element by element."""
    header = _Vector.from_address(int(vector.this))
    size = (header.end or 0) - (header.begin or 0)
    return ctypes.string_at(header.begin, size) if header.begin and size > 0 else b""


def one_heap() -> None:
    """All threads of this process allocate from one heap; to be said before there are any.

    glibc gives each thread a heap of its own; what one allocates and another frees, as the library does with every
    message, leaves holes in both: some 26 bytes a message, for ever. Other systems have no such function.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_HEAPS_AT_MOST, 1)


def quiet() -> None:
    """No lines on the console before the library has its log settings."""
    library().pj_log_set_level(0)


def capacity() -> int:
    """How many legs this build of the library really holds, whatever was asked for."""
    return int(library().pjsua_call_get_max_count())


def busy() -> int:
    """How many legs the library holds now, finished ones included until SIP lets them go."""
    return int(library().pjsua_call_get_count())


def forget_call(call: Any) -> None:
    """Make a finished `Call` harmless: its destructor would else hang up the leg that has taken its number."""
    ctypes.c_int.from_address(int(call.this) + _CALL_ID_OFFSET).value = _NO_CALL


def fits(call: Any, numbers: Any) -> bool:
    """The memory layouts relied upon are those of this build.

    Args:
        call: a `Call` that was never placed.
        numbers: an empty `ByteVector`.
    """
    wanted = bytes(range(0, 250, 7))
    for byte in wanted:
        numbers.append(byte)
    place = ctypes.c_int.from_address(int(call.this) + _CALL_ID_OFFSET)
    before = place.value
    if before != _NO_CALL or vector_bytes(numbers) != wanted:
        return False
    place.value = 3
    moved = int(call.getId()) == 3
    place.value = before
    return moved


def endpoint_call(function: str, *arguments: Any) -> int:
    """Call a function of PJSIP that takes the endpoint first; its status."""
    endpoint = library().pjsua_get_pjsip_endpt
    endpoint.restype = ctypes.c_void_p
    return int(library()[function](ctypes.c_void_p(endpoint()), *arguments))


def request_method(rdata: int) -> str:
    """Method of a request the library has received."""
    describe = library().pjsip_rx_data_get_info
    describe.restype, describe.argtypes = ctypes.c_char_p, (ctypes.c_void_p,)
    text: bytes = describe(rdata)  # "Request msg INVITE/cseq=1 (rdata0x...)"
    return text.decode("ascii", "replace").removeprefix("Request msg ").split("/", 1)[0]


def retry_after_header(seconds: int) -> int:
    """Address of a Retry-After header (RFC 3261 §20.33) that lasts as long as the library."""
    pool, create = library().pjsua_pool_create, library().pjsip_retry_after_hdr_create
    pool.restype, create.restype = ctypes.c_void_p, ctypes.c_void_p
    return int(create(ctypes.c_void_p(pool(b"ivr", 512, 512)), seconds))


def respond_in_dialog(rdata: int, status: int) -> None:
    """Answer a request within a dialog that the library itself would not know what to do with."""
    dialog = library().pjsip_rdata_get_dlg
    dialog.restype, dialog.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    library().pjsip_dlg_respond(ctypes.c_void_p(dialog(rdata)), ctypes.c_void_p(rdata), status, None, None, None)


def shorten_timers(t1_ms: int = 200) -> bool:
    """Shorten SIP's transaction timers (RFC 3261 §17, table 4), so that a vanished peer frees its leg in
    64·T1 = 12.8 s.

    The four values are found by their defaults in the library's settings; when they do not stand there, nothing is
    touched. To be called before the library starts. Returns whether it worked.
    """
    settings = (ctypes.c_uint32 * _SETTINGS_WORDS).in_dll(library(), "pjsip_sip_cfg_var")
    values = list(settings)
    for place in range(_SETTINGS_WORDS - len(_DEFAULT_TIMERS_MS)):
        if tuple(values[place : place + len(_DEFAULT_TIMERS_MS)]) == _DEFAULT_TIMERS_MS:
            settings[place : place + len(_DEFAULT_TIMERS_MS)] = [t1_ms, t1_ms * 8, t1_ms * 10, t1_ms * 64]
            return True
    return False
