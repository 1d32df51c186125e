"""Patterns as plain backtracking regular expressions, to hold the indexed matcher against. Slow and simple."""

import re


def github(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/") or pattern == "/"
    body = pattern.strip("/") or pattern
    prefix = "" if anchored else "(?:.*/)?"
    parts = re.sub(r"(?:\*\*/)+\*\*(?=/|$)", "**", body).split("/")
    if parts[-1] == "**":
        parts.pop()
        ending = "/.+" if parts else ".+"
    elif pattern.endswith("/"):
        ending = "/.+"
    elif parts[-1] == "*":
        ending = ""
    else:
        ending = "(?:/.+)?"
    source = prefix
    for place, part in enumerate(parts):
        if part == "**":
            source += "(?:.+/)?"
        else:
            source += segment(part, classes=False) + ("/" if place < len(parts) - 1 else "")
    return re.compile(source + ending, re.DOTALL)


def gitlab(pattern: str) -> re.Pattern[str]:
    pattern = "/**/*" if pattern == "*" else pattern
    pattern = pattern if pattern.startswith("/") else f"/**/{pattern}"
    pattern += "**/*" if pattern.endswith("/") else ""
    *folders, last = pattern[1:].split("/")
    source = "".join("(?:.+/)?" if part == "**" else segment(part, classes=True) + "/" for part in folders)
    return re.compile(source + segment(last, classes=True), re.DOTALL)


def gitea(line: str) -> str:
    pattern = line.removeprefix("!").removeprefix("/").replace("\\\\", "\\")
    return f"^{pattern}$"


def segment(part: str, *, classes: bool) -> str:
    if part == "*":
        return "[^/]+"
    source, place = "", 0
    while place < len(part):
        character = part[place]
        if character == "\\" and place + 1 < len(part):
            place += 1
            source += re.escape(part[place])
        elif character == "*":
            source += "[^/]*"
        elif character == "?":
            source += "[^/]"
        elif character == "[" and classes:
            end = part.index("]", place)
            source += part[place : end + 1].replace("[!", "[^")
            place = end
        else:
            source += re.escape(character)
        place += 1
    return source
