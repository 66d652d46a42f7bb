"""Learn to grasp, and measure what was learned.

`elbowroom grasp train` trains one method with one seed; `elbowroom grasp evaluate` measures a
policy that was trained, or a guide.
"""

from __future__ import annotations

VERBS = {
    "train": "train one method on one task",
    "evaluate": "measure a policy that was trained, or a guide",
}
