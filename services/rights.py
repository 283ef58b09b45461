"""`python -m services.rights LEVEL` prints the IAM policy of a level of use: viewer, analyst, operator or reaper."""

import sys

from services.iam.policies import policy, to_json
from services.iam.required_permissions import Level, permissions_for

if __name__ == "__main__":
    sys.stdout.write(to_json(policy(permissions_for(Level(sys.argv[1])))))
