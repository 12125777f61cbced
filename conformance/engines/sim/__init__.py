"""A simulated accelerator for torch, in Python alone, so that what a run on a device executes is executed on every machine.

It is torch with a device named ``sim``: tensors with memory, strides and dispatch keys of the device, autograd's own
device thread, torch's own moves and errors. Its kernels are the host's. What it is not: it has no numerics of its own, its
times mean nothing, and it is never taken for CUDA.
"""
