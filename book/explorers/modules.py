"""ES modules as one text: a widget's module is loaded from a string, and can import no file.

``tsc`` and editors see the modules as they are. What a page carries is the entry module with all that it imports, each
once and what is imported first, without the ``import`` lines, the word ``export`` and the comments.
"""

from __future__ import annotations

import re
from pathlib import Path

#: Comments that are lines of their own.
COMMENT = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.M | re.S)
IMPORT = re.compile(r'^import \{(\s*\w+(?:,\s*\w+)*,?\s*)\} from "\./(\w+\.js)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:const|function) \w)", re.M)
DEFAULT = re.compile(r"^export default \{ \w+ \};\n", re.M)
DECLARED = re.compile(r"^(?:let|(export )?(?:const|function)) (\w+)", re.M)
#: Whatever else imports, exports, or declares a name for the whole module.
UNKNOWN = re.compile(r"^\s*(?:import|export)\b.*|.*\bimport\s*[(.].*|^(?:const|let|var|class|async|function)\b.*", re.M)


def joined(entry: Path) -> str:
    """The text of a module, with that of the modules that it imports in front.

    Raises:
        ValueError: A module is written in a way that is not understood here, imports what another does not export or
            what imports it in turn, or declares a name that another declares too.
    """
    texts: dict[Path, str] = {}
    _collect(entry, (), texts)
    owners: dict[str, Path] = {}
    for path, text in texts.items():
        for _, name in DECLARED.findall(text):
            if name in owners:
                raise ValueError(f"{path}: `{name}` is declared in {owners[name].name} too: give one another name")
            owners[name] = path
    return "".join(EXPORT.sub("", text) for text in texts.values())


def _collect(path: Path, within: tuple[Path, ...], texts: dict[Path, str]) -> None:
    """Put the text of a module, which modules ``within`` import, after those of the modules that it imports."""
    if path in within:
        raise ValueError(f"{path}: it imports itself, through {', '.join(each.name for each in within)}")
    if path in texts:
        return
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    _check(path, text, is_entry=not within)
    for names, file in IMPORT.findall(text):
        other = path.parent / file
        if not other.is_file():
            raise ValueError(f"{path}: it imports {file}, and there is no such file")
        _collect(other, (*within, path), texts)
        exported = {name for export, name in DECLARED.findall(texts[other]) if export}
        if missing := set(re.findall(r"\w+", names)) - exported:
            raise ValueError(f"{path}: it imports {', '.join(sorted(missing))}, which {file} does not export")
    texts[path] = IMPORT.sub("", text)


def _check(path: Path, text: str, is_entry: bool) -> None:
    """Refuse a module that holds what is not understood."""
    if is_entry != (len(DEFAULT.findall(text)) == 1):
        raise ValueError(f"{path}: the module of a widget, and no other, ends with `export default {{ render }};`")
    rest = DEFAULT.sub("", DECLARED.sub("", IMPORT.sub("", text)))
    if unknown := UNKNOWN.search(rest):
        raise ValueError(
            f'{path}: `{unknown[0].strip()}` is not understood: write `import {{ name }} from "./file.js";`, and '
            "`export` in front of a `const` or a `function`"
        )
