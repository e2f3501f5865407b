#!/usr/bin/env python3
"""Time one training step of the networks in PyTorch, on the CPU, in float32.

For whoever has PyTorch, to compare with the Deno engine on the same machine:

    pip install torch numpy
    python bench/peer_torch.py                                    # all networks and sizes
    python bench/peer_torch.py --network decoder dip --size 128 256 --threads 2 --json

A step is: forward pass, mean squared error, backward pass, Adam update, reading the loss. The
networks give 3-channel images: `default` is what `denoise` trains, the Deep Image Prior's
encoder-decoder with narrow fine scales, which reads the picture itself; the others are at their full
width, `dip` that encoder-decoder, `decoder` the paper's decoder (bilinear, no Lipschitz control),
`deep-decoder` the Deep Decoder.

Each measurement has its own process, so that peak_mb, peak resident memory in 10^6 bytes with
interpreter and PyTorch, is its alone. size is the side of the square image, channels the width of
the network; median_ms and min_ms leave out the first two steps. Needs Linux or macOS.
"""

import argparse
import itertools
import json
import math
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

import torch
from torch import nn
from torch.nn import functional as F

CHANNELS = 128  # width of the networks but `default`
WIDTHS = [16, 32, 64, 128, 128]  # of the scales of `default`, from fine to coarse
WIDTHS_SKIP = 16  # channels of its skip connections
INPUTS = 32  # channels of the input of the decoder and of the skip network
SKIPPED, LEAST_STEPS = 2, 5  # steps before the settled ones; least number of all steps


def conv(inputs, outputs, kernel=3, stride=1, bias=True):
    """Convolution that keeps the size (at stride 1), with reflection padding."""
    mode = "reflect" if kernel > 1 else "zeros"
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias, padding_mode=mode)


class MeanOnlyNorm(nn.Module):
    """Subtracts the mean over height and width, then adds a trained bias."""

    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        return x - x.mean(dim=(2, 3), keepdim=True) + self.bias


class Decoder(nn.Sequential):
    """The paper's decoder: a block, `ups` times (x2, block), 1x1 convolution, sigmoid."""

    def __init__(self, inputs=INPUTS, channels=CHANNELS, ups=5, outputs=3, mode="bilinear"):
        def block(depth):
            for d in (depth, channels):
                yield from (conv(d, channels), MeanOnlyNorm(channels), nn.LeakyReLU(0.01))

        layers = [*block(inputs)]
        for _ in range(ups):
            layers += [nn.Upsample(scale_factor=2, mode=mode), *block(channels)]
        super().__init__(*layers, conv(channels, outputs, 1), nn.Sigmoid())
        for layer in self:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_uniform_(layer.weight)


class SkipScale(nn.Module):
    """One scale of the skip network and, inside it, the coarser ones; `widths` from fine to coarse."""

    def __init__(self, inputs, widths, skip):
        super().__init__()
        channels, *rest = widths
        below = rest[0] if rest else channels

        def unit(depth, width, kernel=3, stride=1):
            return conv(depth, width, kernel, stride), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)

        coarser = [SkipScale(channels, rest, skip)] if rest else []
        self.skip = nn.Sequential(*unit(inputs, skip, 1))
        self.deeper = nn.Sequential(*unit(inputs, channels, stride=2), *unit(channels, channels),
                                    *coarser, nn.Upsample(scale_factor=2, mode="bilinear"))
        self.merge = nn.Sequential(nn.BatchNorm2d(skip + below),
                                   *unit(skip + below, channels), *unit(channels, channels, 1))

    def forward(self, x):
        # The original crops the larger part; with sides that are multiples of 32 they are equal.
        return self.merge(torch.cat([self.skip(x), self.deeper(x)], dim=1))


class DeepImagePrior(nn.Sequential):
    """Encoder-decoder with skips, then 1x1 convolution and sigmoid."""

    def __init__(self, inputs=INPUTS, widths=(CHANNELS,) * 5, skip=4, outputs=3):
        super().__init__(SkipScale(inputs, widths, skip), conv(widths[0], outputs, 1), nn.Sigmoid())


class DeepDecoder(nn.Sequential):
    """`ups` + 1 stages of 1x1 convolution, x2 (not in the last), ReLU, batch norm."""

    def __init__(self, channels=CHANNELS, ups=5, outputs=3):
        layers = []
        for stage in range(ups + 1):
            up = [nn.Upsample(scale_factor=2, mode="bilinear")] if stage < ups else []
            layers += [conv(channels, channels, 1, bias=False), *up]
            layers += [nn.ReLU(), nn.BatchNorm2d(channels)]
        super().__init__(*layers, conv(channels, outputs, 1, bias=False), nn.Sigmoid())


def fourier(u):
    return torch.cat([torch.sin(2 * math.pi * u), torch.cos(2 * math.pi * u)], dim=1)


def default():
    return DeepImagePrior(inputs=3, widths=WIDTHS, skip=WIDTHS_SKIP)


NETWORKS = {  # name: network, input for an image of side s, Adam's rate, number of parameters
    "default": (default, lambda s: torch.rand(1, 3, s, s), 0.01, 1_080_483),
    "decoder": (Decoder, lambda s: fourier(torch.rand(1, INPUTS // 2, s // 32, s // 32)),
                0.001, 1_662_339),
    "dip": (DeepImagePrior, lambda s: 0.1 * torch.rand(1, INPUTS, s, s), 0.01, 2_217_831),
    "deep-decoder": (DeepDecoder, lambda s: 0.1 * torch.rand(1, CHANNELS, s // 32, s // 32),
                     0.01, 100_224),
}


def measure(name, size, threads, steps, seconds):
    """Train in this process: `steps` steps or, without that number, for about `seconds`."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    build, make_input, rate, expected = NETWORKS[name]
    network, z, target = build(), make_input(size), torch.rand(1, 3, size, size)
    parameters = sum(p.numel() for p in network.parameters())
    assert parameters == expected, f"{name} has {parameters} parameters, not {expected}"
    adam = torch.optim.Adam(network.parameters(), lr=rate)
    times, end = [], time.perf_counter() + seconds
    while len(times) < (steps or LEAST_STEPS) or not steps and time.perf_counter() < end:
        begin = time.perf_counter()
        adam.zero_grad()
        loss = F.mse_loss(network(z), target)
        loss.backward()
        adam.step()
        loss.item()
        times.append(1000 * (time.perf_counter() - begin))
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return {"network": name, "size": size, "threads": threads,
            "first_ms": round(times[0], 2), "median_ms": round(median(times[SKIPPED:]), 2),
            "min_ms": round(min(times[SKIPPED:]), 2), "peak_mb": round(peak, 1),
            "parameters": parameters, "torch": str(torch.__version__)}


def main():
    parser = argparse.ArgumentParser(description="Time training steps of the networks in PyTorch.")
    add = parser.add_argument
    add("--network", nargs="+", choices=NETWORKS, default=list(NETWORKS), help="default: all")
    add("--size", nargs="+", type=int, default=[128, 256, 512], help="image sides, multiples of 32")
    add("--threads", type=int, default=2, help="CPU threads (default 2)")
    add("--steps", type=int, help=f"steps of each measurement, at least {SKIPPED + 1}")
    add("--seconds", type=float, default=20, help="without --steps: time for each measurement "
        f"(default 20; at least {LEAST_STEPS} steps are made)")
    add("--json", action="store_true", help="a line of JSON for each measurement, not a table")
    args = parser.parse_args()
    if any(size < 64 or size % 32 for size in args.size):
        parser.error("--size takes multiples of 32, from 64 on")
    if args.threads < 1 or (args.steps is not None and args.steps <= SKIPPED):
        parser.error(f"--threads must be at least 1, --steps at least {SKIPPED + 1}")
    for index, (name, size) in enumerate(itertools.product(args.network, args.size)):
        with ProcessPoolExecutor(1, get_context("spawn")) as own:
            row = own.submit(measure, name, size, args.threads, args.steps, args.seconds).result()
        if index == 0 and not args.json:
            print(*(f"{field:>12}" for field in row))
        line = json.dumps(row) if args.json else " ".join(f"{v!s:>12}" for v in row.values())
        print(line, flush=True)


if __name__ == "__main__":
    main()
