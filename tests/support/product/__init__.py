"""The product under test: its servers, processes, settings, clock and database."""
