"""The relay process: gives pending changes their positions and publishes them."""
