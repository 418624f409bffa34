"""Where Jaxley keeps the channels of Hodgkin and Huxley."""

from loligo.jaxley.channels.compiled import HH

__all__ = ["HH"]
