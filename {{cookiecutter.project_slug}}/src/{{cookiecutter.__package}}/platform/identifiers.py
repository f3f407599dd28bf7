"""Tells what only names rows: texts that are different in nearly each of them, and whole numbers that count them."""

import numpy as np
import polars as pl

# Fewer rows tell nothing.
MIN_ROWS = 20
# A text that is another one in so many rows names them, unless it has more words than a name.
DISTINCT, WORDS = 0.95, 4
# Scripts that put no blanks between words: each of their letters counts as one.
LETTER = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"
WORD = rf"[{LETTER}]|[^\s{LETTER}]+"
# Different whole numbers that fill this share of their range count rows: drawn at random, two would be the same.
DENSE = 0.5


def are_distinct(values: pl.Series) -> bool:
    """Tell whether values, none of them empty, are different in nearly each row."""
    return len(values) >= MIN_ROWS and values.n_unique() >= DISTINCT * len(values)


def is_prose(texts: pl.Series) -> bool:
    """Tell whether texts, none of them empty, were written by people: several words, and seldom the same."""
    count = len(texts)
    has_words = texts.str.count_matches(WORD) > WORDS
    return count >= MIN_ROWS and texts.n_unique() > count / 2 and has_words.sum() > count / 2


def name_rows(texts: pl.Series) -> bool:
    """Tell whether texts, none of them empty, only tell rows apart."""
    return are_distinct(texts) and not is_prose(texts)


def count_rows(numbers: pl.Series) -> bool:
    """Tell whether numbers seem to count rows: whole, all different, and in order or without large gaps."""
    values = numbers.cast(pl.Float64).to_numpy()
    if not np.isfinite(values).all() or (values % 1).any() or len(np.unique(values)) < len(values):
        return False
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all() or len(values) > DENSE * np.ptp(values))


def are_places(numbers: pl.Series) -> bool:
    """Tell whether numbers are the places of the rows: each is one more than the one before."""
    return len(numbers) >= MIN_ROWS and bool((numbers.diff().drop_nulls() == 1).all())
