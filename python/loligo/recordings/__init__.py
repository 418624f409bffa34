"""Recordings of experiments, read from files of ABF and NWB, and runs written as NWB."""

from loligo.recordings.reading import read_recording
from loligo.recordings.recording import Recording

__all__ = ["Recording", "read_recording"]
