"""Register with the web UI, which loads this file by its path."""

from modules import script_callbacks

from provenance.integrations.a1111 import hook

__all__: list[str] = []

script_callbacks.on_ui_settings(hook.on_ui_settings)
script_callbacks.on_before_image_saved(hook.on_before_image_saved)
script_callbacks.on_image_saved(hook.on_image_saved)
