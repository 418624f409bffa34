"""SONATA: networks and spikes in the format of the Allen Institute and the Blue Brain Project.

The format is described in Dai et al. (2020), PLoS Comput Biol 16:e1007696. Its files are HDF5, read with h5py, which is
imported only when a file is opened: `pip install "loligo[sonata]"`.
"""

from loligo.sonata.network import Sonata, SonataNetwork, read_sonata
from loligo.sonata.spikes import read_sonata_spikes, write_sonata_spikes

__all__ = ["Sonata", "SonataNetwork", "read_sonata", "read_sonata_spikes", "write_sonata_spikes"]
