"""What can be asked of consent: one module per request."""
