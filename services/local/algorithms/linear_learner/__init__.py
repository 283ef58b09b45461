"""The built-in Linear Learner algorithm as its SageMaker container behaves, learning with scikit-learn.

What differs from AWS: `settings.py` says which hyperparameters mean something else or nothing here, and `model.py` what
the model archive holds. One model is learned, whatever num_models says; multiclass_classifier is refused.
"""
