"""The package behind the pages of *Deep Learning by Running It*."""
