"""Learning a linear model with scikit-learn, an epoch at a time, and what it has learned in the data's own units."""

import numpy as np
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.preprocessing import StandardScaler

from services.local.algorithms.data_files import UserError
from services.local.algorithms.linear_learner.model import LinearModel
from services.local.algorithms.linear_learner.settings import Settings

# What scikit-learn calls a loss, and the curvature of it, by which a step has to be divided.
_LOSSES = {
    "logistic": ("log_loss", 0.25),
    "hinge_loss": ("hinge", 1.0),
    "squared_loss": ("squared_error", 1.0),
    "absolute_loss": ("epsilon_insensitive", 1.0),
    "huber_loss": ("huber", 1.0),
    "eps_insensitive_absolute_loss": ("epsilon_insensitive", 1.0),
    "eps_insensitive_squared_loss": ("squared_epsilon_insensitive", 2.0),
}
SEED = 0


def divergence_error(epoch: int) -> UserError:
    """What to say when numbers grew beyond all bounds."""
    return UserError(
        f"Training diverged in epoch {epoch}: the weights became infinite. Lower learning_rate, or leave it out."
    )


class Learner:
    """Stochastic gradient descent over one table, normalised as the job says."""

    def __init__(self, settings: Settings, features: np.ndarray, labels: np.ndarray) -> None:
        """(rows, columns) and (rows,) float32; labels are 0 and 1 for a classifier."""
        self._settings = settings
        self._scaler = StandardScaler(with_mean=settings.shifts, with_std=settings.scales)
        self._scaler.fit(features[: settings.sample])
        self._features = self._scaler.transform(features)
        sample = labels[: settings.sample].astype(np.float64)
        self._middle = float(sample.mean()) if settings.shifts_label else 0.0
        self._unit = (float(sample.std()) or 1.0) if settings.scales_label else 1.0
        self._labels = ((labels - self._middle) / self._unit).astype(np.float32)
        self._random = np.random.RandomState(SEED)
        self._chances = self._drawn_by(labels)
        squares = np.einsum("ij,ij->i", self._features, self._features, dtype=np.float64)
        name, curvature = _LOSSES[settings.loss]
        self._step = 1.0 / (curvature * (float(squares.mean()) + settings.bias))
        self._estimator = self._made(name)

    def epoch(self, number: int) -> None:
        """Go over the table once. Raises UserError when the weights grow beyond all numbers."""
        rate = self._settings.schedule.rate(number, len(self._labels))
        self._estimator.set_params(eta0=rate * self._step)
        classes = {"classes": np.array([0.0, 1.0], np.float32)} if self._settings.binary else {}
        rows: slice | np.ndarray = slice(None)
        if self._chances is not None:
            rows = self._random.choice(len(self._labels), len(self._labels), p=self._chances)
        try:
            self._estimator.partial_fit(self._features[rows], self._labels[rows], **classes)
        except ValueError as error:
            if "Floating-point under-/overflow" not in str(error):
                raise
            raise divergence_error(number) from None

    def model(self) -> LinearModel:
        """What is learned so far, without a threshold."""
        scale = self._scaler.scale_ if self._settings.scales else 1.0
        weights = self._estimator.coef_.ravel().astype(np.float64) * self._unit / scale
        shift = float(weights @ self._scaler.mean_) if self._settings.shifts else 0.0
        bias = float(np.ravel(self._estimator.intercept_)[0]) * self._unit + self._middle - shift
        return LinearModel(weights, bias, self._settings.loss == "logistic", None)

    def _drawn_by(self, labels: np.ndarray) -> np.ndarray | None:
        """The chance of each record to be the next one drawn, by its weight; None where all go by once an epoch.

        As a factor of a step, a weight of hundreds, which balances a rare label, would throw the model about.
        """
        if not self._settings.binary or self._settings.positive == 1.0:
            return None
        weights = np.where(labels == 1, self._settings.positive, 1.0)
        return np.asarray(weights / weights.sum())

    def _made(self, name: str) -> "SGDClassifier | SGDRegressor":
        settings, penalty = self._settings, self._settings.l1 + self._settings.l2
        allowed = {"huber_loss": settings.delta, "absolute_loss": 0.0}.get(settings.loss, settings.insensitivity)
        made = SGDClassifier if settings.binary else SGDRegressor
        return made(
            loss=name,
            penalty="elasticnet",
            alpha=penalty,
            l1_ratio=settings.l1 / penalty if penalty else 0.0,
            epsilon=allowed / self._unit,
            fit_intercept=settings.bias,
            learning_rate="constant",  # of one epoch
            random_state=self._random,  # goes on from epoch to epoch
        )
