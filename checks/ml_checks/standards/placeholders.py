"""Placeholders in a text: what stands for a text that nobody has written, and what is only a word of a sentence."""

from __future__ import annotations

import re
import unicodedata

# Before a word that is meant, and not left: "a TODO list", "marked as TODO".
_MEANT_AFTER = re.compile(
    "(?i:an?|and|any|as|by|called|each|every|for|from|in|into|marked|my|new|no|of|old|on|one|open|or|our|remaining|tagged"
    "|that|the|their|these|this|those|to|with|your)"
)
# Before a word that stands for the rest of the sentence: "the threshold is TODO until we know more".
_LEFT_AFTER = re.compile("(?i:are|be|is|remains|still|was|were)")
# Behind a word that is part of a name: "TODO list", "TODO MVC".
_MEANT_BEFORE = re.compile(
    "(?i:and|app(?:lication)?s?|board|comments?|entry|entries|files?|items?|limits?|lists?|markers?|mvc|or|page|section"
    "|tags?|tasks?|tracker)"
)
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
# How much of the text around a word is looked at.
_NEAR = 80


def stands_for_text(match: re.Match[str]) -> bool:
    """Tell whether a placeholder that was found in a text stands there for what nobody has written."""
    before, after = _around(match)
    if _is_in_word(before, after):
        return False
    # Words in small letters, and brackets, are no word of another language.
    return not match[0].isalpha() or not match[0].isupper() or _is_left(before, after)


def _around(match: re.Match[str]) -> tuple[str, str]:
    """Return what stands on the same line before a match, and behind it."""
    text, (start, end) = match.string, match.span()
    before, after = text[max(start - _NEAR, 0) : start], text[end : end + _NEAR]
    return before.rpartition("\n")[2], after.partition("\n")[0]


def _is_in_word(before: str, after: str) -> bool:
    """Tell whether a match is only a part of a word; a letter may have its accent behind it."""
    return _is_letter(before[-1:]) or _is_letter(after[:1])


def _is_letter(char: str) -> bool:
    return bool(char) and (char.isalnum() or char == "_" or unicodedata.category(char) == "Mn")


def _is_left(before: str, after: str) -> bool:
    """Tell whether a word in capitals is left to be replaced, and is no word of its sentence."""
    if re.match(r"\s*(?::|\((?!\)))", after):
        return True  # "TODO: say why", "TODO(ann)"
    if before[-1:] in {*_QUOTES, "/", "-", "."} - {""} or re.match(r"[\-/.]\w|[" + _QUOTES + "]", after):
        return False  # "TODO" as what is spoken of, TODO.md, a TODO-list
    starts = not re.search(r"\w[\s,]*$", before)
    return _is_left_at_start(after) if starts else _is_left_within(before, after)


def _is_left_at_start(after: str) -> bool:
    """Tell whether a word in capitals at the start is left: not where it begins a name, or a sentence in capitals."""
    following = re.match(r"(?:\(\))?\s+(\w+)", after)
    if not following:
        return True
    word = following[1]
    return not _MEANT_BEFORE.fullmatch(word) and not (len(word) > 1 and word.isupper())


def _is_left_within(before: str, after: str) -> bool:
    """Tell whether a word in capitals within a sentence is left: by the word before it, or because nothing follows."""
    last = re.findall(r"\w+", before)[-1]
    if _LEFT_AFTER.fullmatch(last):
        return True
    is_meant = _MEANT_AFTER.fullmatch(last) or last.isupper()
    return not is_meant and not re.match(r"[\s,;]*\w", after)
