"""The signals that stop a node, kept pending until it can stop cleanly. Loads nothing."""

from __future__ import annotations

import signal

SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})


def block_signals() -> None:
    """Keep SIGINT and SIGTERM pending until `runner.run` waits for them.

    Called before anything else is loaded: a signal that comes while the libraries load would
    otherwise end the process with a traceback.
    """
    # A shell that starts jobs in the background has them ignore SIGINT; a node shall stop on it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
