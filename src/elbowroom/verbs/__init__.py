"""The verbs of the `elbowroom` command, one module each.

A verb module has `GROUPS` (name of an option group -> parameter class), `RESUME` (what to do after
an interrupt) and `run(options) -> figures`; it imports nothing heavy before `run`.
"""
