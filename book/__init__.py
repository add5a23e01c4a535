"""The package behind the pages of *Deep Learning by Running It*."""

import logging
from importlib.metadata import version

# Pages compare many small networks, and TensorFlow warns of each after the fifth that it traces anew.
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())

#: What is installed may be another version by the time somebody asks: this is the one that was imported.
__version__ = version("deep-learning-by-running-it")
