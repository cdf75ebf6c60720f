"""Three ways to step a network of torch_nets.py by plain SGD, and the BLAS beneath.

A fair comparison takes the best that a PyTorch user can write, so there are three:
  optimizer  nn modules, autograd, optim.SGD: what a tutorial shows
  autograd   the same forward and backward; the update by hand (no optimizer object, no zeroing)
  backward   no autograd at all: matrix products and the update written out
"""

import os

from torch_nets import network, nn, torch
from torch.nn.functional import cross_entropy


def model(name, seed, start="torch"):
    """A network of torch_nets.py.

    `start`: 'torch' for PyTorch's own starting weights (uniform, +-1/sqrt(inputs)); 'he', for dense layers with relu, for normal
    ones of variance 2 / inputs before a relu, Glorot's uniform ones before the scores, and biases of zero.
    """
    torch.manual_seed(seed)
    net = network(name)
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Linear)]
    if start == "he":
        for layer in layers:
            if layer is layers[-1]:
                nn.init.xavier_uniform_(layer.weight)
            else:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return net


def by_optimizer(net, rate):
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)

    def step(x, y):
        optimizer.zero_grad(set_to_none=True)
        cross_entropy(net(x), y).backward()
        optimizer.step()

    return step


def by_autograd(net, rate):
    parameters = list(net.parameters())

    def step(x, y):
        gradients = torch.autograd.grad(cross_entropy(net(x), y), parameters)
        with torch.no_grad():
            torch._foreach_add_(parameters, gradients, alpha=-rate)

    return step


def by_backward(net, rate):
    parameters = [parameter.detach() for parameter in net.parameters()]

    def error(scores, y):
        """Gradient of the summed loss in the scores."""
        scores = torch.softmax(scores, 1)
        scores[torch.arange(len(y)), y] -= 1
        return scores

    @torch.no_grad()
    def linear(x, y):
        weights, bias = parameters
        e = error(torch.addmm(bias, x, weights.t()), y)
        weights.addmm_(e.t(), x, alpha=-rate / len(y))
        bias.add_(e.sum(0), alpha=-rate / len(y))

    @torch.no_grad()
    def mlp(x, y):
        weights1, bias1, weights2, bias2 = parameters
        hidden = torch.addmm(bias1, x, weights1.t()).relu_()
        e = error(torch.addmm(bias2, hidden, weights2.t()), y)
        back = torch.mm(e, weights2).mul_(hidden > 0)
        weights2.addmm_(e.t(), hidden, alpha=-rate / len(y))
        bias2.add_(e.sum(0), alpha=-rate / len(y))
        weights1.addmm_(back.t(), x, alpha=-rate / len(y))
        bias1.add_(back.sum(0), alpha=-rate / len(y))

    return linear if len(parameters) == 2 else mlp


WAYS = {"optimizer": by_optimizer, "autograd": by_autograd, "backward": by_backward}


def ways_of(name):
    """Those that a network has: written out are only the products of softmax and of one hidden layer."""
    written = name == "softmax" or name.startswith("mlp:") and "," not in name
    return {way: step for way, step in WAYS.items() if way != "backward" or written}


def blas():
    """Which BLAS the products run on: 'mkl', 'openblas', 'blis', 'atlas', 'reference' or 'unknown'.

    It decides the speed: Debian's package takes whatever libblas.so.3 is, and the plain one is ten times slower.
    """
    if torch.backends.mkl.is_available():
        return "mkl"
    torch.mm(torch.ones(8, 8), torch.ones(8, 8))  # so that it is loaded
    with open("/proc/self/maps") as maps:
        files = {os.path.realpath(line.split()[-1]) for line in maps if ".so" in line}
    products = {file for file in files if os.path.basename(file).startswith("libblas")} or files
    for name in ("openblas", "blis", "atlas"):
        if any(name in file for file in products):
            return name
    return "unknown" if products is files else "reference"
