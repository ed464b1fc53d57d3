"""Builders of the documents and workbooks that people upload, valid and broken."""
