"""The spec of models/ with a few lines changed."""

import re
from pathlib import Path

SPEC = Path(__file__).resolve().parents[2] / "models/engagement.toml"
# Two candidates for each of four containers.
FEW_CANDIDATES = {
    "n_estimators": "[50, 100]", "max_depth": "[3]", "learning_rate": "[0.1, 0.3]", "subsample": "[0.8, 1.0]", "colsample_bytree": "[0.8]",
}


def changed(**lines):
    """The text with `name = value` for each of these, all of which it must have once."""
    text = SPEC.read_text()
    for name, value in lines.items():
        text, times = re.subn(rf"^{name} = [^#\n]*", lambda _: f"{name} = {value} ", text, flags=re.MULTILINE)
        if times != 1:
            raise SystemExit(f"{SPEC} has {times} lines for {name}")
    return text
