"""Hard bindings: how a manifest holds to the bytes of its asset."""
