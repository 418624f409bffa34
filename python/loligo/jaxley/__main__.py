"""`python -m loligo.jaxley script.py` runs a script written for Jaxley as it stands, and `-m name` a module, such as
pytest."""

import importlib
import pkgutil
import runpy
import sys
from pathlib import Path

import loligo.jaxley
from loligo.errors import ArgumentError


def main() -> None:
    """Run the script or module with the names of Jaxley standing for this package."""
    is_module = sys.argv[1:2] == ["-m"]
    given = sys.argv[2 if is_module else 1 :]
    if not given:
        raise ArgumentError("usage: python -m loligo.jaxley script.py, or python -m loligo.jaxley -m module")
    name_as_jaxley()
    sys.argv = given
    if is_module:
        runpy.run_module(given[0], run_name="__main__", alter_sys=True)
    else:
        # where the script finds what lies beside it
        sys.path.insert(0, str(Path(given[0]).resolve().parent))
        runpy.run_path(given[0], run_name="__main__")


def name_as_jaxley() -> None:
    """Has `import jaxley`, and that of its submodules, find this package."""
    sys.modules["jaxley"] = loligo.jaxley
    for module in pkgutil.walk_packages(loligo.jaxley.__path__, "loligo.jaxley."):
        if not module.name.endswith("__main__"):
            sys.modules[module.name.removeprefix("loligo.")] = importlib.import_module(module.name)


if __name__ == "__main__":
    main()
