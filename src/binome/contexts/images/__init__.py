"""Pictures: labelled images held in memory, seen through two views."""

# Their import registers them.
from binome.contexts.images import digits as digits
from binome.contexts.images import fashion as fashion
from binome.contexts.images import folder as folder
from binome.contexts.images import hub as hub
from binome.contexts.images import photos as photos
from binome.contexts.images import shapes as shapes
from binome.contexts.images.pictures import ImageContext, Pictures

__all__ = ["ImageContext", "Pictures"]
