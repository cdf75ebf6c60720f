"""The networks of the comparison in PyTorch, by the names that they have in ours, and how our flat vectors become their parameters.

Modules stand in the order of our layers, so parameters do too. Their numbers lie in another order:

  ours                                          PyTorch
  dense: inputs x outputs                       outputs x inputs
  dense behind an image: inputs channels last   inputs channels first
  convolution: s x s x inputs x filters         filters x inputs x s x s
"""

import math
import os

# Before torch is imported: these are read once.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import torch
from torch import nn

PIXELS, CLASSES, CHARACTERS, TOKENS = 784, 10, 65, 64
"""Digits of 28 x 28 in 10 classes, colour images of 32 x 32, texts of 64 characters and one more, of 65 different ones."""


def network(name):
    """'softmax', 'mlp:WIDTH,...', 'lenet', 'resnet8' or 'transformer:LAYERS,HEADS,WIDTH'."""
    kind, _, numbers = name.partition(":")
    sizes = [int(number) for number in numbers.split(",") if number]
    if kind == "softmax":
        return nn.Linear(PIXELS, CLASSES)
    if kind == "mlp":
        widths = [PIXELS, *sizes]
        hidden = [part for pair in zip(widths, sizes) for part in (nn.Linear(*pair), nn.ReLU())]
        return nn.Sequential(*hidden, nn.Linear(widths[-1], CLASSES))
    if kind == "transformer":
        return Transformer(*sizes)
    return {"lenet": lenet, "resnet8": resnet8}[kind]().to(memory_format=torch.channels_last)


class Image(nn.Module):
    """A row as channels x height x width, the channels last in memory, as the weights have them: somewhat faster than first."""

    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.view(-1, *self.shape).to(memory_format=torch.channels_last)


def lenet():
    return nn.Sequential(
        Image(1, 28, 28),
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Flatten(),
        behind_image(nn.Linear(16 * 5 * 5, 120), (16, 5, 5)),
        *(nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, CLASSES)),
    )


def behind_image(linear, image):
    """Says that the inputs are the numbers of an image of channels x height x width."""
    linear.image = image
    return linear


def resnet8():
    def normed(inputs, filters, size, stride):
        convolution = nn.Conv2d(inputs, filters, size, stride, padding=size // 2, bias=False)
        return convolution, nn.GroupNorm(max(1, min(8, filters // 4)), filters)

    def block(inputs, filters, stride):
        body = nn.Sequential(*normed(inputs, filters, 3, stride), nn.ReLU(), *normed(filters, filters, 3, 1))
        return Residual(body, nn.Sequential(*normed(inputs, filters, 1, stride)) if stride > 1 else nn.Identity()), nn.ReLU()

    return nn.Sequential(
        *(Image(3, 32, 32), *normed(3, 16, 3, 1), nn.ReLU()),
        *(*block(16, 16, 1), *block(16, 32, 2), *block(32, 64, 2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES)),
    )


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class Attention(nn.Module):
    """Causal, of several heads; fused where this PyTorch has it so (from 2.0 on)."""

    def __init__(self, heads, width):
        super().__init__()
        self.heads = heads
        self.into, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.register_buffer("later", torch.ones(TOKENS, TOKENS, dtype=torch.bool).triu(1), persistent=False)

    def forward(self, x):
        rows, tokens, width = x.shape
        queries, keys, values = (
            part.view(rows, tokens, self.heads, -1).transpose(1, 2) for part in self.into(x).split(width, dim=2)
        )
        if hasattr(nn.functional, "scaled_dot_product_attention"):
            found = nn.functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        else:
            alike = queries @ keys.transpose(2, 3) / math.sqrt(width // self.heads)
            found = alike.masked_fill(self.later, -math.inf).softmax(3) @ values
        return self.out(found.transpose(1, 2).reshape(rows, tokens, width))


class Transformer(nn.Module):
    """Rows of tokens to the scores of the next one, behind each."""

    def __init__(self, layers, heads, width):
        super().__init__()
        self.token, self.position = nn.Embedding(CHARACTERS, width), nn.Embedding(TOKENS, width)

        def parts():
            yield Attention(heads, width)
            yield nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        self.blocks = nn.Sequential(
            *(Residual(nn.Sequential(nn.LayerNorm(width), part), nn.Identity()) for _ in range(layers) for part in parts())
        )
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, CHARACTERS))

    def forward(self, x):
        scores = self.head(self.blocks(self.token(x) + self.position.weight))
        return scores.flatten(0, 1)


def parts(net, flat):
    """(name, parameter, its numbers) for each parameter: those of a flat vector of ours, in PyTorch's shape."""
    place = 0
    for name, parameter in net.named_parameters():
        numbers = flat[place : place + parameter.numel()]
        place += parameter.numel()
        yield name, parameter, turned(net.get_submodule(name.rpartition(".")[0]), numbers, parameter.shape)
    if place != len(flat):
        raise SystemExit(f"{place} parameters in PyTorch, {len(flat)} in ours")


def turned(module, numbers, shape):
    if len(shape) == 4:
        filters, inputs, height, width = shape
        return numbers.reshape(height, width, inputs, filters).permute(3, 2, 0, 1)
    if isinstance(module, nn.Linear) and len(shape) == 2:
        outputs, inputs = shape
        if hasattr(module, "image"):
            channels, height, width = module.image
            return numbers.reshape(height, width, channels, outputs).permute(3, 2, 0, 1).reshape(shape)
        return numbers.reshape(inputs, outputs).t()
    return numbers.reshape(shape)
