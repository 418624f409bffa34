"""`python -m loligo.jaxley script.py` runs a script written for Jaxley as it stands."""

import runpy
import sys

import loligo.jaxley  # noqa: F401, to be found among the modules below
from loligo.errors import ArgumentError


def main() -> None:
    """Run the script with the names of Jaxley standing for this package."""
    if len(sys.argv) < 2:
        raise ArgumentError("usage: python -m loligo.jaxley script.py")
    for name, module in list(sys.modules.items()):
        if name == "loligo.jaxley" or name.startswith("loligo.jaxley."):
            sys.modules["jaxley" + name.removeprefix("loligo.jaxley")] = module
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
