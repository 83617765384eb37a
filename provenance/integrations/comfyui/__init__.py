"""ComfyUI nodes: copy or link this folder into `custom_nodes`; the nodes are in the library.

provenance itself must be installed where ComfyUI runs: `pip install provenance-c2pa`.
"""

from provenance.integrations.comfyui.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
