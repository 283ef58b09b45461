"""Applies the auto-shutdown rules once: `python -m services.reaper` for cron, `handler` for AWS Lambda.

Nothing but the entry, whose address stands in crontabs and functions; the work is in `shutdown/janitor.py`.
"""

import sys

from services.shutdown.janitor import handler, main

__all__ = ["handler", "main"]

if __name__ == "__main__":
    sys.exit(main())
