"""A smoke test on a real AWS account, for the first person who has one: `make aws-smoke PROFILE=work`.

It reads only, unless `--run` allows one small training job and endpoint below a cap in dollars. Its report says where
AWS answered other than SageDeck assumes, and holds no account number.
"""
