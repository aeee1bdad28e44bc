"""Reads people from files: CSV, Parquet and JSON Lines, in bounded memory.

Promises: a bad row is reported with its line and column and never stops a good one; values never reach a message or a rejects file.
Never: guesses a column, writes a temporary file.
"""

from identity.adapters.files.opening import open_source, reader_form, reader_of
from identity.adapters.files.rejects import RejectsFile, rejects_path

__all__ = ["RejectsFile", "open_source", "reader_form", "reader_of", "rejects_path"]
