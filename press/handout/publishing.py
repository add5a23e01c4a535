"""Pushing the notebooks of a built site to a branch of their own, from which Colab and Binder take them.

python -m press.handout.publishing [--new] _build/html/notebooks https://github.com/OWNER/NAME

Of the folder it takes the notebooks without solutions, the package and the archive of the exercises. Whatever else lies
there, such as what JupyterLab keeps of a notebook that was opened, is named and stays here.

With ``--new``, only files that the branch does not hold yet are pushed: what a new page of the site links to.

It needs Git and nothing else: the workflow that publishes runs it where no package is installed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BRANCH = "notebooks"
KINDS = ("*.ipynb", "*.whl", "exercises.zip")
#: In the name of a notebook with solutions, and of a copy of one.
SOLUTIONS = "-solutions"


class PublishError(Exception):
    """Git could not do what was asked; the message holds what it said."""


def publish(folder: Path, remote: str, message: str, *, only_new: bool = False) -> str:
    """Make the branch hold what a folder offers, and nothing else.

    Whoever opens one notebook on a JupyterHub gets the whole branch; the solutions wait on the site.
    Nothing is ever forced: if somebody else has pushed to the branch meanwhile, Git refuses, and so does this.

    Args:
        folder: The files.
        remote: The address or the folder of the repository.
        message: What the commit says.
        only_new: Add the files that the branch does not hold, and leave the others as they are.

    Returns:
        The new commit; empty if the branch held the same already.

    Raises:
        PublishError: The folder holds no notebook, or the remote cannot be reached, or refuses.
    """
    if not any(path.suffix == ".ipynb" for path in offered(folder)):
        raise PublishError(f"{folder} holds no notebook: build the site first")
    if Path(remote).is_dir():
        remote = str(Path(remote).resolve())
    with tempfile.TemporaryDirectory() as work:
        if _git("ls-remote", "--heads", remote, f"refs/heads/{BRANCH}"):
            _git("clone", "--quiet", "--depth=1", "--branch", BRANCH, "--", remote, work)
        else:
            _git("init", "--quiet", "--initial-branch", BRANCH, work)
            _git("remote", "add", "origin", remote, cwd=work)
        there = [path for path in Path(work).iterdir() if path.name != ".git"]
        kept = {path.name for path in there} if only_new else set()
        for path in there:
            if not only_new:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in offered(folder):
            if path.name not in kept:
                shutil.copy(path, work)
        _git("add", "--all", "--force", cwd=work)
        if not _git("status", "--porcelain", cwd=work):
            return ""
        _git("commit", "--quiet", "--message", message, cwd=work)
        _git("push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}", cwd=work)
        return _git("rev-parse", "HEAD", cwd=work)


def offered(folder: Path) -> list[Path]:
    """The files of a folder that are pushed: no solution, and nothing that is not of :data:`KINDS`."""
    found = {path for kind in KINDS for path in folder.glob(kind) if path.is_file()}
    return sorted(path for path in found if SOLUTIONS not in path.stem and not path.name.startswith("."))


def _git(*arguments: str, cwd: str | None = None) -> str:
    """Run Git and return what it prints."""
    try:
        done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise PublishError("git is not installed: the branch of the notebooks is written with it.") from None
    if done.returncode:
        raise PublishError(f"git {arguments[0]} failed:\n{done.stderr.strip()}")
    return done.stdout.strip()


def main() -> None:
    """Push a folder's files, and say in one line what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m press.handout.publishing", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--new", action="store_true", help="push only files that the branch does not hold yet")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("remote", metavar="REMOTE", help="the repository's address or folder")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is no folder: build the site first")
    try:
        message = f"The notebooks of {_git('rev-parse', '--short=10', 'HEAD')}"
        commit = publish(arguments.folder, arguments.remote, message, only_new=arguments.new)
    except PublishError as error:
        sys.exit(str(error))
    left = {path.name for path in arguments.folder.iterdir()} - {path.name for path in offered(arguments.folder)}
    if left:
        print(f"Not pushed: {', '.join(sorted(left))}")
    print(f"{BRANCH}: {commit[:10]} pushed" if commit else f"{BRANCH}: unchanged, nothing pushed")


if __name__ == "__main__":
    main()
