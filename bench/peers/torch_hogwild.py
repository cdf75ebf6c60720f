"""Time to a test accuracy of PyTorch's Hogwild: P processes step one shared model without locks.

The model's weights lie in shared memory (share_memory()); each process computes gradients of its own and adds them in place,
as PyTorch's mnist_hogwild example does. Each process goes over all training rows, in a permutation of its own for every pass.
Data is in memory as float32, shifted and scaled to mean 0 and deviation 1 over all training pixels (--scale none: byte / 255),
gathered a batch at a time; there is no DataLoader.

All processes together count their steps. Every --evaluate steps they stop, the shared model is tested, and they go on: the
training clock runs only while they train, from the moment they are let go until the last of them has stopped. Starting the
processes and a few steps on a copy of the model, to warm up, come before the clock.

Prints one JSON line a seed: seconds of training to the target (null when the steps ran out), steps, stepsPerSecond, the
processes' CPU time over the training time (near P when the cores were really free), and the accuracy at every test.
"""

import argparse
import copy
import gzip
import json
import os
import struct
import time

import torch.multiprocessing as processes

from torch_model import WAYS, blas, model, torch


def read_idx(folder, stem, kind):
    """The array of an IDX file, plain or .gz."""
    path = os.path.join(folder, stem)
    opened = gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb")
    with opened as file:
        content = file.read()
    dimensions = content[3]
    if content[:3] != b"\0\0\x08" or dimensions != kind:
        raise SystemExit(f"{path}: no IDX file of bytes with {kind} dimensions")
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    return torch.frombuffer(bytearray(content[4 + 4 * dimensions :]), dtype=torch.uint8).reshape(shape)


def read_split(folder, name):
    images = read_idx(folder, f"{name}-images-idx3-ubyte", 3)
    labels = read_idx(folder, f"{name}-labels-idx1-ubyte", 1)
    return images.reshape(len(images), -1).float().div_(255), labels.long()


def train(rank, net, inputs, labels, shared, options, seed):
    """One process. `shared`: steps and CPU seconds of each process, the step count of the next test, and two semaphores."""
    if options.cores:
        os.sched_setaffinity(0, {options.cores[rank]})
    torch.set_num_threads(1)
    counts, spent, bound, stopped, go = shared
    generator = torch.Generator().manual_seed(1000 * seed + rank)
    rows = len(inputs)
    step = WAYS[options.way](copy.deepcopy(net), options.rate)
    for _ in range(10):
        step(inputs[: options.batch], labels[: options.batch])
    step = WAYS[options.way](net, options.rate)

    order = iter(())
    stopped.release()
    go[rank].acquire()
    begun = time.process_time()
    while bound.value >= 0:
        if sum(counts) >= bound.value:
            spent[rank] += time.process_time() - begun
            stopped.release()
            go[rank].acquire()
            begun = time.process_time()
            continue
        batch = next(order, None)
        if batch is None:
            order = iter(torch.randperm(rows, generator=generator)[: rows - rows % options.batch].split(options.batch))
            continue
        step(inputs[batch], labels[batch])
        counts[rank] += 1  # nobody else writes this word


@torch.no_grad()
def accuracy(net, inputs, labels):
    return (net(inputs).argmax(1) == labels).float().mean().item()


def run(options, split, seed):
    (inputs, labels), (test_inputs, test_labels) = split
    net = model(f"mlp:{options.hidden}", seed, options.start).share_memory()
    context = processes.get_context("fork")
    counts = context.RawArray("q", options.processes)
    spent = context.RawArray("d", options.processes)
    bound = context.RawValue("q", options.evaluate)
    stopped = context.Semaphore(0)
    go = [context.Semaphore(0) for _ in range(options.processes)]
    shared = (counts, spent, bound, stopped, go)
    workers = [context.Process(target=train, args=(rank, net, inputs, labels, shared, options, seed), daemon=True) for rank in range(options.processes)]
    for worker in workers:
        worker.start()

    def wait():
        for _ in workers:
            while not stopped.acquire(timeout=5):
                if not all(worker.is_alive() for worker in workers):
                    raise SystemExit("a process died")

    seconds, reached, tests = 0.0, None, []
    wait()
    while reached is None and sum(counts) < options.steps:
        start = time.perf_counter()
        for semaphore in go:
            semaphore.release()
        wait()
        seconds += time.perf_counter() - start
        tests.append(round(accuracy(net, test_inputs, test_labels), 5))
        if tests[-1] >= options.target:
            reached = seconds
        bound.value += options.evaluate
    bound.value = -1
    for semaphore in go:
        semaphore.release()
    for worker in workers:
        worker.join()

    steps = sum(counts)
    line = {"peer": "torch hogwild", "model": f"mlp:{options.hidden}", "batch": options.batch, "rate": options.rate, "way": options.way, "start": options.start, "scale": options.scale}
    line |= {"processes": options.processes, "seed": seed, "target": options.target, "secondsToTarget": reached}
    line |= {"seconds": seconds, "steps": steps, "stepsPerSecond": steps / seconds, "cpuOverWall": sum(spent) / seconds}
    line |= {"accuracy": tests, "evaluateEvery": options.evaluate, "version": torch.__version__, "blas": blas()}
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="folder with the four MNIST files (IDX, plain or .gz)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cores", type=lambda text: [int(core) for core in text.split(",")], help="core of each process, as in 0,1")
    parser.add_argument("--seeds", default="1", help="one run each, as in 1,2,3")
    parser.add_argument("--target", type=float, default=0.98, help="test accuracy at which a run ends (default 0.98)")
    parser.add_argument("--evaluate", type=int, default=250, help="steps of all processes between tests (default 250)")
    parser.add_argument("--steps", type=int, default=40_000, help="steps of all processes at which a run ends (default 40000)")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--scale", choices=["whole", "none"], default="whole", help="mean 0 and deviation 1 over all pixels, or 0..1 (default whole)")
    parser.add_argument("--start", choices=["torch", "he"], default="he", help="starting weights, see torch_model.py (default he)")
    parser.add_argument("--way", choices=list(WAYS), default="autograd", help="see torch_model.py (default autograd)")
    options = parser.parse_args()
    if options.cores and len(options.cores) != options.processes:
        parser.error(f"found {len(options.cores)} cores for {options.processes} processes")
    torch.set_num_threads(1)
    split = read_split(options.data, "train"), read_split(options.data, "t10k")
    if options.scale == "whole":
        mean, deviation = split[0][0].mean(), split[0][0].std()
        split = [(images.sub_(mean).div_(deviation), labels) for images, labels in split]
    for seed in options.seeds.split(","):
        run(options, split, int(seed))


main()
