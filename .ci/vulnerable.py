"""Says what pip-audit found, and how much it could not look at: an index that knows nobody has audited nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> int:
    """1 when a package has a known vulnerability."""
    packages = json.loads(Path(sys.argv[1]).read_text("utf-8"))["dependencies"]
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        print(f"PACKAGES NOT AUDITED: the index answers, but knows none of {len(packages)} packages.")
        return 0
    ill = [one for one in asked if one["vulns"]]
    for one in ill:
        known = ", ".join(f"{hole['id']} (fixed in {', '.join(hole['fix_versions']) or '-'})" for hole in one["vulns"])
        print(f"{one['name']} {one['version']}: {known}")
    print(f"pip-audit: {len(ill)} of {len(asked)} packages have known vulnerabilities, {len(packages) - len(asked)} "
          "could not be asked about.")  # fmt: skip
    return 1 if ill else 0


if __name__ == "__main__":
    sys.exit(main())
