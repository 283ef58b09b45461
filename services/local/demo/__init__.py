"""A demonstration account: what a team of four leaves in SageMaker within a month, for the cost pages to find and stop.

Everything goes through the operations of the API, on a clock that is set back: jobs really train, endpoints really load
their models and really answer. Written as rows is only what cannot be done here: processing jobs, which nothing here
runs, and when a person last used an app.
"""
