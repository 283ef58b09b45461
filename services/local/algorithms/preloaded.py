"""What the fork server loads, once for all the processes that are forked from it.

XGBoost would import scikit-learn and with it pandas and most of SciPy, for wrappers that nothing here uses: 70 MB, and
a second. Linear Learner's training, which does use scikit-learn, imports it for itself.
"""

import gc
import sys

sys.modules["sklearn"] = None  # type: ignore[assignment]  # so that an import of it fails
import xgboost  # noqa: E402, F401

del sys.modules["sklearn"]

import services.local.algorithms.linear_learner.serve  # noqa: E402
import services.local.algorithms.xgboost.serve  # noqa: E402
import services.local.algorithms.xgboost.train  # noqa: E402, F401

gc.collect()
gc.freeze()  # a collector that looks at an object writes to its page, which is no longer shared then
