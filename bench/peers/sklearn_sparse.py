"""Samples a second of scikit-learn's SGDClassifier on one thread, on LIBSVM data with sparse rows.

Plain SGD of a constant rate, with the L2 penalty of `--alpha`, one sample a step, rows shuffled anew for each pass: what the sparse models
of the project do. The accuracy on the test file is printed beside the speed, so that nobody times a model that learns nothing.

Prints one JSON line a loss: the median over the rounds, with the least and the greatest, and the median CPU time over wall time.
"""

import argparse
import json
import statistics
import time
import warnings

import sklearn
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import SGDClassifier

warnings.filterwarnings("ignore")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", help="LIBSVM file")
    parser.add_argument("test", help="LIBSVM file of test rows")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median is taken (default 3)")
    parser.add_argument("--passes", type=int, default=60, help="passes over the data of one round (default 60)")
    parser.add_argument("--alpha", type=float, default=1e-4, help="L2 penalty (default 1e-4)")
    parser.add_argument("--rate", type=float, default=0.01, help="rate of a step (default 0.01)")
    parser.add_argument("--losses", default="log_loss,hinge", help="which losses, separated by commas (default both)")
    options = parser.parse_args()
    inputs, labels = load_svmlight_file(options.train)
    tests, known = load_svmlight_file(options.test, n_features=inputs.shape[1])
    for loss in options.losses.split(","):
        speeds, busy = [], []
        for seed in range(options.rounds):
            model = SGDClassifier(
                loss=loss,
                alpha=options.alpha,
                learning_rate="constant",
                eta0=options.rate,
                max_iter=options.passes,
                tol=None,
                random_state=seed,
            )
            start, begun = time.perf_counter(), time.process_time()
            model.fit(inputs, labels)
            spent = time.perf_counter() - start
            speeds.append(options.passes * inputs.shape[0] / spent)
            busy.append((time.process_time() - begun) / spent)
        line = {"peer": "scikit-learn", "loss": loss, "samplesPerSecond": statistics.median(speeds)}
        line |= {"least": min(speeds), "greatest": max(speeds), "accuracy": model.score(tests, known)}
        line |= {"cpuOverWall": statistics.median(busy), "version": sklearn.__version__}
        print(json.dumps(line), flush=True)


main()
