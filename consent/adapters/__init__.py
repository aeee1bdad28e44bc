"""How consent's ports are fulfilled. Constructed in ``services/wiring`` only."""
