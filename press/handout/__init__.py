"""What leaves the house: archives, the published notebooks, the package for learners, and marks."""
