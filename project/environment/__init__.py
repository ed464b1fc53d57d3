"""Settings that come from environment variables, one module per subject.

`project.settings` reads them once, through `reader.read_environment`.
"""
