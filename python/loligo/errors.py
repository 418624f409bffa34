"""The errors of Loligo: each is a `LoligoError` and the built-in exception that fits.

Messages say what was wrong, where, what was expected, and the nearest valid name for a misspelt one. The compiled half
of the package raises these classes, too.
"""

import difflib
from collections.abc import Iterable


class LoligoError(Exception):
    """Whatever Loligo has to say."""


class TemperatureWarning(UserWarning):
    """Mechanisms depend on a temperature that was never set."""


class CompiledWarning(UserWarning):
    """A model was changed after JAX had compiled runs of it, which go on with the numbers that it had then."""


class OtherChannelWarning(UserWarning):
    """A channel of Jaxley's door that is inserted under the name of another one, which counts."""


class LeftOutWarning(UserWarning):
    """Something of another simulator's model that was not taken over."""


class MissingFileError(LoligoError, FileNotFoundError):
    """A file that does not exist."""


class UnreadableFileError(LoligoError, OSError):
    """A file that exists and cannot be read."""


class UnwritableFileError(LoligoError, OSError):
    """A file that cannot be written."""


class FormatError(LoligoError, ValueError):
    """A file of Loligo's own that is none, is damaged, or has a version that is not known."""


class SavingError(LoligoError, ValueError):
    """Something that a file of Loligo's own has no place for."""


class CheckpointError(LoligoError, ValueError):
    """A checkpoint that a fit cannot go on from, since it is of another fit."""


class ConvergenceError(LoligoError, ArithmeticError):
    """A search that does not arrive."""


class MorphologyError(LoligoError, ValueError):
    """A morphology that cannot be read, built or cut."""


class ModelFileError(LoligoError, ValueError):
    """A file of a published model that is not what it should be, or asks for what Loligo does not have."""


class SonataError(ModelFileError):
    """A SONATA file that does not fit together, or asks for what Loligo does not have."""


class RecordingError(LoligoError, ValueError):
    """A file of an experiment that is not what it should be, or has no such sweep."""


class MechanismError(LoligoError, ValueError):
    """A text that is not a mechanism, or not yet one of ours."""


class TracingError(MechanismError):
    """A mechanism written in Python that cannot be traced; the message starts with the file and the line."""


class ModelError(LoligoError, ValueError):
    """A value, length or combination that a model cannot have."""


class UnknownNameError(LoligoError, KeyError):
    """A name that stands for nothing."""

    __str__ = Exception.__str__  # a KeyError shows its message in quotes


class UnknownAttributeError(LoligoError, AttributeError):
    """An attribute that does not exist."""


class SelectionError(LoligoError, IndexError):
    """An index or a location that nothing in view has."""


class ArgumentError(LoligoError, ValueError):
    """An argument out of its range, or an array of the wrong shape."""


class ArgumentTypeError(LoligoError, TypeError):
    """An argument of a type that has no meaning here."""


class ReadOnlyError(LoligoError, TypeError):
    """Writing to something that is made on demand."""


class RunError(LoligoError, ValueError):
    """Inputs of which no run can be made."""


class BudgetError(LoligoError, MemoryError):
    """A gradient that does not fit into its memory budget."""


class DivergenceError(LoligoError, FloatingPointError):
    """A simulation whose numbers left the finite.

    Attributes:
        lane: The lane of the batch.
        time: When, ms.
        what: `"v"` or the name of a state.
        place: Cell, branch and compartment.
    """

    lane: int
    time: float
    what: str
    place: tuple[int, int, int]


class MissingPackageError(LoligoError, ImportError):
    """An optional package that is not installed."""


class InternalError(LoligoError, RuntimeError):
    """A mistake of Loligo's own; please report it."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for a misspelt name, or nothing."""
    by_lower_case = {each.lower(): each for each in known}
    nearest = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return f"; did you mean `{by_lower_case[nearest[0]]}`?" if nearest else ""
