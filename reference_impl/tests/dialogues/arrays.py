"""Tensors among numpy's arrays and numbers: numpy computes, and what it makes of a Tensor is one."""

import operator
import warnings

import numpy as np


def play(torch, tr, tell):
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # numpy's, of torch's __array_wrap__

    def quiet(f):
        def call():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                found = f()
            return type(found).__name__, found

        tr(call)

    ordering = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
    arithmetic = (
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.pow,
        operator.matmul,
        operator.and_,
    )
    others = [np.array([1.0, 2.0]), np.array([1, 2]), np.array(["a", "b"]), np.array([1.0, 2.0, 3.0])]
    for compute in (*ordering, *arithmetic):
        for other in (*others, np.array(2.0), np.float64(2), np.float32(2), np.int64(2)):
            if compute is operator.matmul and np.ndim(other) == 0:
                continue
            for x in (torch.ones(2), torch.tensor([3, 4]), torch.ones(2, dtype=torch.double)):
                quiet(lambda compute=compute, x=x, other=other: compute(x, other))
            if isinstance(other, np.ndarray) and compute is not operator.add:  # numpy tries to join sequences
                quiet(lambda compute=compute, other=other: compute(other, torch.ones(2)))
    x = torch.tensor([0.5, -0.5])
    for f in (np.sin, np.abs, np.sqrt, np.isfinite, np.square, np.sign):
        quiet(lambda f=f: f(x))
    for f in (np.add, np.maximum, np.arctan2, np.greater):
        quiet(lambda f=f: f(x, np.array([1.0, 2.0])))
    for f in (np.asarray, np.array, np.ndim, np.shape):
        quiet(lambda f=f: f(x))
    leaf = torch.ones(2, requires_grad=True)
    for f in (np.asarray, np.sin, lambda t: t * np.ones(2), lambda t: np.ones(2) * t):
        quiet(lambda f=f: f(leaf))
    for name in ("add", "sub", "mul", "div", "pow", "maximum", "atan2", "fmod"):
        for array in (np.ones(2), np.array(2.0)):
            tr(lambda name=name, array=array: "other" in str(attempt(getattr(torch, name), x, array)))


def attempt(f, *args):
    try:
        return f(*args)
    except TypeError as error:
        return error
