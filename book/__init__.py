"""The package behind the pages of *Deep Learning by Running It*."""

import logging

# Pages compare many small networks, and TensorFlow warns of each after the fifth that it traces anew.
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())
