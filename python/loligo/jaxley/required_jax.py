"""JAX, for what cannot be done without it."""

from types import ModuleType

from loligo.errors import MissingPackageError


def required_jax() -> ModuleType:
    """The package `jax`, imported now.

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        import jax
    except ImportError as error:
        raise MissingPackageError('this needs JAX: pip install "loligo[jax]"') from error
    return jax
