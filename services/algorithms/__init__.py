"""What the dashboard and the service on this computer both must know of an algorithm: tables, no computing."""
