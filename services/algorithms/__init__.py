"""What the dashboard and the service on this computer both must know of an algorithm: tables, no computing.

An algorithm is a module with its `Algorithm` and, beside it, the JSON file of its facts.
"""
