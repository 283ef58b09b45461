"""The built-in XGBoost algorithm as its SageMaker container behaves: training, and serving what it trained."""
