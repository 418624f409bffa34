"""`python -m loligo.jaxley script.py` runs a script written for Jaxley as it stands."""

import importlib
import pkgutil
import runpy
import sys

import loligo.jaxley
from loligo.errors import ArgumentError


def main() -> None:
    """Run the script with the names of Jaxley standing for this package."""
    if len(sys.argv) < 2:
        raise ArgumentError("usage: python -m loligo.jaxley script.py")
    name_as_jaxley()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")


def name_as_jaxley() -> None:
    """Has `import jaxley`, and that of its submodules, find this package."""
    sys.modules["jaxley"] = loligo.jaxley
    for module in pkgutil.walk_packages(loligo.jaxley.__path__, "loligo.jaxley."):
        if not module.name.endswith("__main__"):
            sys.modules[module.name.removeprefix("loligo.")] = importlib.import_module(module.name)


if __name__ == "__main__":
    main()
