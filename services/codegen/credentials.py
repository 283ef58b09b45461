"""The same steps as short scripts that run as they stand: what an analyst would write in a notebook.

They run where AWS credentials are set; for this computer, `eval "$(python -m services.local env)"` sets them.
"""

CREDENTIALS = '# Needs AWS credentials in the environment; for this computer: eval "$(python -m services.local env)"\n'
