"""The check of signatures that the document gives, as it stands there."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/webhooks.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def documented_check() -> Callable[..., bool]:
    """Return the example's function."""
    (example,) = BLOCK.findall(DOCUMENT.read_text())
    namespace: dict[str, Any] = {}
    exec(example, namespace)  # noqa: S102  the document's own
    found: Callable[..., bool] = namespace["is_genuine"]
    return found
