#!/usr/bin/env python3
"""Denoise one picture by BM3D, told its noise level.

For whoever has Python, to compare with `denoise` on the same noisy picture:

    pip install bm3d numpy
    python bench/peer_bm3d.py --noise-sigma 25 noisy.npy denoised.npy

The pictures are NumPy files of shape (height, width, channels), where white is 1; the level is of
255. What is printed is one JSON object: the version of the package, and the seconds without its start.
"""

import argparse
import json
import time
from importlib.metadata import version

import bm3d
import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noise-sigma", type=float, required=True)
    parser.add_argument("input")
    parser.add_argument("output")
    options = parser.parse_args()
    noisy = np.load(options.input)
    sigma = options.noise_sigma / 255
    start = time.perf_counter()
    if noisy.shape[2] == 1:
        denoised = bm3d.bm3d(noisy[:, :, 0], sigma)[:, :, None]
    else:
        denoised = bm3d.bm3d_rgb(noisy, sigma)
    seconds = time.perf_counter() - start
    np.save(options.output, np.clip(denoised, 0, 1).astype(np.float32))
    print(json.dumps({"version": version("bm3d"), "seconds": seconds}))


if __name__ == "__main__":
    main()
