"""The `loligo` command: the code of the Rust binary, called through the extension module."""

import signal
import sys

from loligo import _engine


def main() -> int:
    """Run the command line that this process was started with; the exit status."""
    # Rust does not ask Python whether Ctrl-C was pressed, so let the system end the process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _engine.run_command_line(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
