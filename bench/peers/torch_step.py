"""Steps a second of PyTorch on one thread: plain SGD, batch 32, on the networks of torch_nets.py.

The ways of torch_model.py are checked against each other before they are timed. Data is synthetic: every step gathers its
batch from 8192 rows in memory ("gather": true), or runs on one batch that is already there ("gather": false).

Prints one JSON line a model, way and gather: the median of the rounds, with the least and the greatest, and the
median CPU time over wall time (near 1 when the core was really free).
"""

import argparse
import json
import statistics
import time

from torch_model import blas, model, torch, ways_of
from torch_nets import CHARACTERS, CLASSES, PIXELS, TOKENS

RATE, BATCH, ROWS = 0.1, 32, 8192


def drawn(name):
    """Rows and what is to be told of them: images, or texts."""
    generator = torch.Generator().manual_seed(2)
    if name.startswith("transformer"):
        texts = torch.randint(CHARACTERS, (ROWS, TOKENS + 1), generator=generator)
        return texts[:, :-1].contiguous(), texts[:, 1:].contiguous()
    pixels = 3 * 32 * 32 if name.startswith("resnet") else PIXELS
    return torch.rand(ROWS, pixels, generator=generator), torch.randint(CLASSES, (ROWS,), generator=generator)


def check(name, inputs, labels):
    """All ways must arrive at the same weights."""
    ends = []
    for way in ways_of(name).values():
        net = model(name, 1)
        step = way(net, RATE)
        for k in range(5):
            step(inputs[k * BATCH : (k + 1) * BATCH], labels[k * BATCH : (k + 1) * BATCH].flatten())
        ends.append(torch.cat([parameter.detach().flatten() for parameter in net.parameters()]))
    for end in ends[1:]:
        if not torch.allclose(end, ends[0], atol=1e-5):
            raise SystemExit(f"{name}: the ways differ by {(end - ends[0]).abs().max().item()}")


def measure(step, inputs, labels, order, gather, seconds):
    """Steps a second over at least `seconds`, and CPU time over wall time."""
    x, y = inputs[:BATCH], labels[:BATCH].flatten()
    steps, start, begun = 0, time.perf_counter(), time.process_time()
    while True:
        for batch in order:
            if gather:
                x, y = inputs[batch], labels[batch].flatten()
            step(x, y)
            steps += 1
            spent = time.perf_counter() - start
            if spent >= seconds:
                return steps / spent, (time.process_time() - begun) / spent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is taken (default 5)")
    parser.add_argument("--seconds", type=float, default=0.5, help="seconds of one round (default 0.5)")
    parser.add_argument("--ways", help="which ways, separated by commas (default all)")
    parser.add_argument("--models", default="softmax mlp:128", help="which models, separated by blanks (default 'softmax mlp:128')")
    parser.add_argument("--gather", choices=["yes", "no", "both"], default="both", help="gather batches from memory (default both)")
    options = parser.parse_args()
    torch.set_num_threads(1)

    for name in options.models.split():
        inputs, labels = drawn(name)
        order = torch.randperm(ROWS, generator=torch.Generator().manual_seed(3)).split(BATCH)[:64]
        check(name, inputs, labels)
        ways = ways_of(name)
        steps = {way: ways[way](model(name, 1), RATE) for way in (options.ways.split(",") if options.ways else ways)}
        for gather in {"yes": (True,), "no": (False,), "both": (True, False)}[options.gather]:
            for step in steps.values():
                measure(step, inputs, labels, order, gather, 0.1)
            # Every round goes through all ways, so that a disturbance hits all of them.
            speeds = {way: [] for way in steps}
            for _ in range(options.rounds):
                for way, step in steps.items():
                    speeds[way].append(measure(step, inputs, labels, order, gather, options.seconds))
            for way, found in speeds.items():
                line = {"peer": "torch", "model": name, "batch": BATCH, "way": way, "gather": gather}
                found, busy = zip(*found)
                line |= {"stepsPerSecond": statistics.median(found), "least": min(found), "greatest": max(found)}
                line |= {"cpuOverWall": statistics.median(busy)}
                line |= {"threads": torch.get_num_threads(), "version": torch.__version__, "blas": blas()}
                print(json.dumps(line), flush=True)


main()
