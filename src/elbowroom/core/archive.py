"""What reading an archive of arrays may raise."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib

MANGLED = (
    OSError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    OverflowError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What zipfile, zlib and NumPy are known to raise on bytes that are no archive of arrays."""
