"""Progress bars: widgets in notebooks, lines in terminals, and nothing where neither is there to see them."""

from tqdm.auto import tqdm


def bar(total: int, what: str, unit: str, *, shown: bool) -> tqdm:
    """A bar over so many units of work; `shown` as the user said."""
    # None: where the output is no terminal, none is drawn; notebooks draw theirs nevertheless
    return tqdm(total=total, desc=what, unit=unit, disable=None if shown else True)
