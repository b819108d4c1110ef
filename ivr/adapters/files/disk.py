"""Room on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path


def free_share(folder: Path) -> float:
    """How much of the disk under this folder is free, 0..1; 1 where it cannot be told."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return 1.0
    return usage.free / usage.total
