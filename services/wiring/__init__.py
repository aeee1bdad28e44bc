"""The only place that constructs adapters: every process is put together here, top to bottom."""
