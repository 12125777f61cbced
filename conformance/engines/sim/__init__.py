"""A simulated accelerator for torch, in Python alone, so that what a run on a device executes is executed on every machine.

It is torch with a device named ``sim``: tensors with memory, strides and dispatch keys of the device, autograd's own
device thread, torch's own moves and errors. Its kernels are the host's. What it is not: it has no numerics of its own and
one stream, its times mean nothing, and it is never taken for CUDA.

registration.py   tells torch of all the others
memory.py         one memory, two names: the host's bytes as the device's
kernels.py        every operator, by the host's kernel; own_kernels.py those that the host cannot lend
module.py         torch.sim; random_state.py its random numbers; storage.py copies of storages
guard.py          the device guard, and errors in the device thread
clock.py          when the device is done, so that a forgotten wait shows
faults.py         kernels bent on purpose, so that a lane that cannot fail shows
"""
