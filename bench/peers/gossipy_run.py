"""Events a second of the gossipy simulator on one thread: gossip learning as in Ormandi et al. 2013, with no test on the way.

Pegasos on 57 weights (those of spambase), one row a node, push, average and one step at each receipt, complete graph, clocks of
gossipy's own (a period of its own for each node, from N(delta, delta / 10) ticks), messages delayed by --delay. The data is drawn:
inputs from N(0, 1), labels by a random plane, one in ten flipped. The nodes are tested once, after the clock has stopped.

Prints one JSON line a number of nodes, each from a process of its own: messages sent and received a second (a node wakes at its
tick to send and at a receipt to learn, so wakes = sent + received), the same a second of CPU time for a core that was not free,
resident bytes a node after setting up and at the end, and the CPU time over wall time.

Ends with status 3 and one line when gossipy, or something that it needs, is not there.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time

# Before torch is imported: these are read once.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

FEATURES, TESTS, REGULARIZATION = 57, 1000, 0.01


def absent(reason):
    print(f"gossipy is not measured: {reason} (bench/peers/README.md says what to install)", file=sys.stderr)
    raise SystemExit(3)


def resident():
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def run(nodes, options):
    """One simulation, as a dictionary."""
    import numpy
    import torch
    from gossipy import LOG, set_seed, simul
    from gossipy.core import AntiEntropyProtocol, ConstantDelay, CreateModelMode, Delay, StaticP2PNetwork, UniformDelay
    from gossipy.data import DataDispatcher
    from gossipy.data.handler import ClassificationDataHandler
    from gossipy.model.handler import PegasosHandler
    from gossipy.model.nn import AdaLine
    from gossipy.node import GossipNode

    class ExponentialDelay(Delay):
        """Whole ticks, of the given mean: gossipy's time has no fractions."""

        def __init__(self, mean):
            self.chance = 1 / (1 + mean)

        def get(self, msg):
            return numpy.random.geometric(self.chance) - 1

    class CountingHandler(PegasosHandler):
        received = 0

        def __call__(self, *args):
            CountingHandler.received += 1
            super().__call__(*args)

    class Counter(simul.SimulationEventReceiver):
        sent = failed = 0

        def update_message(self, failed, msg=None):
            if failed:
                self.failed += 1
            else:
                self.sent += 1

        def update_timestep(self, t):
            pass

        def update_end(self):
            pass

    def plain(sequence, description=""):
        """In place of the progress bar, which would be drawn between our lines."""
        yield from sequence

    simul.track = plain
    LOG.setLevel("ERROR")
    torch.set_num_threads(1)
    set_seed(options.seed)
    truth = torch.randn(FEATURES)
    x, test_x = torch.randn(nodes, FEATURES), torch.randn(TESTS, FEATURES)
    y, test_y = (torch.where(inputs @ truth > 0, 1.0, -1.0) for inputs in (x, test_x))
    y[torch.rand(nodes) < 0.1] *= -1

    law, *numbers = options.delay.split(":")
    delay = {"constant": ConstantDelay, "uniform": UniformDelay, "exponential": ExponentialDelay}[law](*map(int, numbers))
    before, begun = resident(), time.perf_counter()
    dispatcher = DataDispatcher(ClassificationDataHandler(x, y, test_size=0), eval_on_user=False)
    made = GossipNode.generate(
        data_dispatcher=dispatcher,
        p2p_net=StaticP2PNetwork(nodes, None),
        model_proto=CountingHandler(AdaLine(FEATURES), REGULARIZATION, CreateModelMode.MERGE_UPDATE),
        round_len=options.delta,
        sync=False,
    )
    simulator = simul.GossipSimulator(
        nodes=made,
        data_dispatcher=dispatcher,
        delta=options.delta,
        protocol=AntiEntropyProtocol.PUSH,
        delay=delay,
        drop_prob=options.drop,
        online_prob=options.online,
    )
    counter = Counter()
    simulator.add_receiver(counter)
    simulator.init_nodes()
    setup, held = time.perf_counter() - begun, resident() - before

    begun, used = time.perf_counter(), time.process_time()
    simulator.start(n_rounds=options.rounds)
    seconds, used = time.perf_counter() - begun, time.process_time() - used

    right = [((node.model_handler.model(test_x) > 0) == (test_y > 0)).float().mean().item() for node in made.values()]
    received = CountingHandler.received
    line = {"peer": "gossipy", "nodes": nodes, "parameters": FEATURES, "protocol": "push", "delay": options.delay}
    line |= {"delta": options.delta, "rounds": options.rounds, "drop": options.drop, "online": options.online, "seed": options.seed}
    line |= {"setupSeconds": setup, "seconds": seconds, "sent": counter.sent, "received": received, "lost": counter.failed}
    line |= {"messagesPerSecond": counter.sent / seconds, "receiptsPerSecond": received / seconds}
    line |= {"wakes": counter.sent + received, "wakesPerSecond": (counter.sent + received) / seconds}
    line |= {"messagesPerCpuSecond": counter.sent / used}
    line |= {"bytesPerNode": held / nodes, "bytesPerNodeAtEnd": (resident() - before) / nodes}
    line |= {"accuracy": statistics.mean(right), "worst": min(right)}
    line |= {"cpuOverWall": used / seconds, "version": torch.__version__, "python": sys.version.split()[0]}
    return line


def delay_law(text):
    law, *numbers = text.split(":")
    wanted = {"constant": 1, "uniform": 2, "exponential": 1}
    if law not in wanted or len(numbers) != wanted[law] or not all(number.isdigit() for number in numbers):
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed is constant:TICKS, uniform:LEAST:MOST or exponential:MEAN")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gossipy", nargs="?", help="folder that holds the package gossipy (else PYTHONPATH)")
    parser.add_argument("--nodes", default="1000", help="one run each, as in 100,1000 (default 1000)")
    parser.add_argument("--rounds", type=int, default=10, help="periods that are simulated (default 10)")
    parser.add_argument("--delta", type=int, default=100, help="ticks of a period (default 100)")
    parser.add_argument("--delay", type=delay_law, default="uniform:0:10", help="ticks on the way: constant:K, uniform:A:B, exponential:MEAN (default uniform:0:10)")
    parser.add_argument("--drop", type=float, default=0.0, help="chance that a message is lost (default 0)")
    parser.add_argument("--online", type=float, default=1.0, help="chance that a receiver is there (default 1)")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()

    if options.gossipy is not None:
        if not os.path.isfile(os.path.join(options.gossipy, "gossipy", "simul.py")):
            absent(f"{options.gossipy} holds no package gossipy")
        sys.path.insert(0, options.gossipy)
    try:
        import gossipy.data.handler
        import gossipy.simul
    except ImportError as error:
        absent(error)
    for nodes in options.nodes.split(","):
        # A process each, so that none finds memory that another has left.
        child = os.fork()
        if child == 0:
            print(json.dumps(run(int(nodes), options)), flush=True)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            raise SystemExit(f"the run with {nodes} nodes failed")


main()
