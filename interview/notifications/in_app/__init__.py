"""The in-app channel: notices in the product, written with the change and shown at once."""

IN_APP = "in_app"
