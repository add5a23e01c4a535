"""Name the graphics processors that TensorFlow sees; exit with 1 if it sees none."""

from __future__ import annotations

import sys

import tensorflow


def main() -> None:
    """Print their names, or what to look at."""
    config = tensorflow.config
    found = config.list_physical_devices("GPU")
    for each in found:
        print(config.experimental.get_device_details(each).get("device_name", each.name))
    if not found:
        sys.exit(
            f"TensorFlow {tensorflow.__version__} sees no graphics processor. The label in the variable GPU_RUNNER has "
            "to name a runner that has one, with NVIDIA's driver, and requirements-gpu.lock has to be installed."
        )


if __name__ == "__main__":
    main()
