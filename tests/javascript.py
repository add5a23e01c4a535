"""Check the types of the JavaScript, which stand in its comments: `python tests/javascript.py [file ...]`.

TypeScript is no Python package: npx, which comes with Node, gets it from npm once and keeps it. Where there is no Node,
this says so and is no failure. Where there is Node and no TypeScript can be had, it is one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: The last TypeScript that is JavaScript itself, and so runs wherever Node runs.
TYPESCRIPT = "typescript@5.9.3"
OPTIONS = [
    "--noEmit", "--allowJs", "--checkJs", "--strict", "--noUnusedLocals", "--noUnusedParameters", "--noImplicitReturns",
    "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "--lib", "es2022,dom,dom.iterable",
    "--typeRoots", "none", "--pretty", "false",
]  # fmt: skip


def files() -> list[Path]:
    """What is checked: the explorers' modules, the script that shows them on a page, and the preview's."""
    own = [ROOT / "assets/explorers.js", ROOT / "press/preview/client.js"]
    return [*sorted((ROOT / "book/explorers").glob("*.js")), *own]


def tsc(*arguments: str) -> subprocess.CompletedProcess[str] | None:
    """Run the compiler; None where there is no Node."""
    npx = shutil.which("npx")
    if npx is None or shutil.which("node") is None:
        return None
    return subprocess.run(
        [npx, "--yes", f"--package={TYPESCRIPT}", "tsc", *arguments], capture_output=True, text=True, check=False
    )


def main(paths: list[Path]) -> str:
    """Say that all types are right, or that Node is missing; exit with what is wrong."""
    there = tsc("--version")
    if there is None:
        return "Types of the JavaScript: not checked, since there is no Node here."
    if there.returncode:
        sys.exit(
            f"The types of the JavaScript could not be checked: npx cannot get {TYPESCRIPT}. Connect to the network "
            f"and run this once more; npm then keeps it. ({''.join(there.stderr.strip().splitlines()[:1])})"
        )
    checked = tsc(*OPTIONS, *map(str, paths))
    assert checked is not None
    if checked.returncode:
        sys.exit(checked.stdout + checked.stderr)
    return f"Types of the JavaScript: right in {len(paths)} files."


if __name__ == "__main__":
    print(main([Path(argument) for argument in sys.argv[1:]] or files()))
