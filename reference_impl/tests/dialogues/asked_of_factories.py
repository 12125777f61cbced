"""What factories make of layouts, formats and numbers that are not Python's, and what they refuse."""

import numpy as np


def play(torch, tr, tell):
    def kind(f):
        """The value of f, or the class of its error."""
        try:
            return f()
        except NotImplementedError as error:
            return issubclass(type(error), NotImplementedError)
        except Exception as error:
            return type(error).__name__

    calls = {
        "full": ((2,), 0.0),
        "linspace": (0, 1, 2),
        "logspace": (0, 1, 2),
        "empty_strided": ((2,), (1,)),
        "tril_indices": (2, 2),
        "randint": (2, (2,)),
    }
    for name in (*calls, "eye", "arange", "randperm", "rand", "randn", "zeros", "ones"):
        f, given = getattr(torch, name), calls.get(name, (2,))
        for layout in (3, None, torch.strided):
            tell(name, kind(lambda f=f, a=given, x=layout: tuple(f(*a, layout=x).shape)))
    for name in ("eye", "arange", "linspace", "logspace", "rand", "randn", "randperm", "empty_strided", "tril_indices"):
        f, given = getattr(torch, name), calls.get(name, (2,))
        tell(name, kind(lambda f=f, a=given: f(*a, layout=torch.sparse_coo)))
    x = torch.ones(2)
    tell(kind(lambda: torch.full_like(x, 3, layout=torch.sparse_coo)))
    tell(kind(lambda: x.new_full((2,), 3, layout=torch.sparse_coo)))
    tr(lambda: x.new_tensor([1], layout=torch.strided))
    for name in ("zeros", "ones"):
        tr(lambda n=name: getattr(torch, n)(2, memory_format=torch.contiguous_format))

    # numbers
    for value in (
        np.float32(2),
        np.int16(2),
        torch.tensor(2),
        torch.tensor([2]),
        torch.tensor(2.0, requires_grad=True),
    ):
        tr(lambda v=value: torch.full((2,), v))
        tr(lambda v=value: torch.full_like(x, v))
        tr(lambda v=value: x.new_full((2,), v))
        tr(lambda v=value: torch.scalar_tensor(v))
    tr(lambda: torch.arange(np.float32(3.5)))
    tr(lambda: torch.arange(np.int32(3)))
    for data in ([None], {1: 2}, {1}, [[1], [2]], [1.5, 0, 2j], [torch.tensor(2)], iter([1])):
        tr(lambda d=data: torch.tensor(d, dtype=torch.bool))
    for d in (torch.uint8, torch.int16, torch.int32, torch.float32):
        tr(lambda d=d: torch.tril_indices(2, 2, dtype=d))
    for size in (range(2), torch.tensor(2), "2", [1, 2]):
        tell(kind(lambda s=size: tuple(torch.zeros(s).shape)))
        tr(lambda s=size: torch.full(s, 1.0))

    # memory formats
    image = torch.ones(2, 3, 4, 5)
    for t in (image, image.permute(3, 2, 1, 0), image[:, ::2], image[0]):
        for f in (torch.rand_like, torch.randn_like, lambda t, **k: torch.randint_like(t, 9, **k), torch.zeros_like):
            for form in (torch.preserve_format, torch.contiguous_format, torch.channels_last):

                def drawn(f=f, t=t, form=form):
                    torch.manual_seed(3)
                    r = f(t, memory_format=form)
                    return r.stride(), r.flatten()[:7], torch.rand(1)

                tr(drawn)
