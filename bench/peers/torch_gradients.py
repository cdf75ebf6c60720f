"""The same weights and the same batch give PyTorch's loss and gradient: checks files that ours has written.

A file is FOLDER/NAME.safetensors with the flat vectors 'weights' and 'gradient', 'inputs' (rows x features), 'targets' (rows), 'loss' (1), and the
model's name as its metadata. PyTorch computes in 64 bits, so what differs is our rounding alone.

Prints one JSON line a file: both losses, the tensor whose gradient differs most, and by how much: the largest difference of an
element over the largest element of that tensor.
"""

import argparse
import json
import math
import os
import struct

from torch_nets import network, nn, parts, torch


def read_safetensors(path):
    """The tensors (all F32) of a file, and its metadata."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(bytearray(content[begin:end]), dtype=torch.float32).reshape(entry["shape"])
    return tensors, metadata


def batch(name, inputs, targets):
    """What the network takes, and what is to be told: of a text, the token behind each."""
    if name.startswith("transformer"):
        tokens = inputs.long()
        return tokens[:, :-1], tokens[:, 1:].flatten()
    return inputs, targets.long()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder with files of ours")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for file in sorted(os.listdir(options.folder)):
        tensors, metadata = read_safetensors(os.path.join(options.folder, file))
        name = metadata["model"]
        net = network(name).double()
        with torch.no_grad():
            for _, parameter, numbers in parts(net, tensors["weights"]):
                parameter.copy_(numbers)
        x, y = batch(name, tensors["inputs"], tensors["targets"])
        loss = nn.functional.cross_entropy(net(x.double() if x.is_floating_point() else x), y)
        loss.backward()
        differences = {
            tensor: ((numbers - parameter.grad).abs().max() / parameter.grad.abs().max()).item()
            for tensor, parameter, numbers in parts(net, tensors["gradient"])
        }
        worst = max(differences, key=lambda tensor: (math.isnan(differences[tensor]), differences[tensor]))
        line = {"peer": "torch", "model": name, "loss": loss.item(), "ours": tensors["loss"].item()}
        line |= {"tensors": len(differences), "worst": worst, "difference": differences[worst], "version": torch.__version__}
        print(json.dumps(line), flush=True)


main()
