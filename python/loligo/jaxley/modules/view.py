"""Views: some compartments of a module, with the verbs of Jaxley."""

from __future__ import annotations

from loligo.jaxley.modules.contents import Contents
from loligo.jaxley.modules.drawing import Drawing
from loligo.jaxley.modules.inputs import Inputs
from loligo.jaxley.modules.listing import Listing
from loligo.jaxley.modules.mechanisms import Mechanisms
from loligo.jaxley.modules.placing import Placing
from loligo.jaxley.modules.selectors import Selectors
from loligo.jaxley.modules.structure import Structure
from loligo.jaxley.modules.training import Training


class View(Selectors, Mechanisms, Inputs, Training, Listing, Contents, Structure, Placing, Drawing):
    """Some compartments of a module, with Jaxley's verbs."""

    __slots__ = ()
