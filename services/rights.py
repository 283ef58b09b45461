"""`python -m services.rights LEVEL` prints the IAM policy of a level of use: viewer, analyst, operator or reaper."""

import sys

from services.iam.required_permissions import Level, of, policy, to_json

if __name__ == "__main__":
    sys.stdout.write(to_json(policy(of(Level(sys.argv[1])))))
