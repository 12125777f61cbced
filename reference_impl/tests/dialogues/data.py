"""torch.tensor and its kin: the dtype of nested numbers, what does not fit, what is no number; the old constructors."""

import numpy as np

inf, nan = float("inf"), float("nan")
DTYPES = ("uint8", "int32", "int64", "bool", "half", "float", "complex64")


class Pair:
    """A sequence that is no list."""

    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def play(torch, tr, tell):
    t = torch.tensor
    itself = [0]
    itself.append(itself)
    plain = [
        1, 1.5, True, 1j, [], [[]], [1, 2.0], [True, 2], [1, 1j], [[1.0], [2j]], (True, 2, 3.0), range(3), [range(2), (3, 4)],
        Pair(1, 2), Pair(Pair(1, 2.0)), 2**63, -(2**63) - 1, 2**64, [2**64, 1], 300, [300], -1, -200, 2**40, nan, [inf], 1e30,
        [1e300], 70000.0, "a", b"ab", ["a"], ["ab", 1], [1, "a"], None, [None], [1.0, None], [[1], [None]], {1: 2}, {1}, object(),
        [[1], [2, 3]], [[[1]], [[1], [2]]], [1, [2]], [1.0, [2]], [[1], 2], itself,
    ]  # fmt: skip
    arrays = [
        np.float64(1), [np.float64(1), 2], [np.float32(1), 2.0], [np.float16(1), True], [np.int32(1)], np.array([1, 2]),
        [np.array([1, 2]), np.array([3, 4, 5])],
        [[7, 5], [9, np.array(5.0)]], np.array("a"),
    ]  # fmt: skip
    tensors = [
        t(1.5), [t(1), t(2.0)], [t(1.5, dtype=torch.double), 1], [t([1]), t([2])], [t([1, 2]), t([2, 3])], [t([1.0, 2.0])],
        [[t(1)], [2]], [t(1.0, requires_grad=True)],
    ]  # fmt: skip
    for data in (*plain, *arrays, *tensors):
        for dtype in (None, *(getattr(torch, n) for n in DTYPES)):
            tr(lambda data=data, dtype=dtype: torch.tensor(data, dtype=dtype))
    for data in (1, 1.5, [1, 2.0], [t(1)], np.array([1, 2])):
        tr(lambda data=data: torch.as_tensor(data))
        tr(lambda data=data: torch.ones(2, dtype=torch.int).new_tensor(data))

    x = torch.arange(4.0)
    for name in ("FloatTensor", "DoubleTensor", "LongTensor", "ByteTensor", "HalfTensor", "BoolTensor"):
        kind = getattr(torch, name)
        tr(
            lambda kind=kind: (
                kind.__name__,
                kind.dtype,
                isinstance(x, kind),
                isinstance(x.double(), kind),
                x.type(kind),
            )
        )
        tr(lambda kind=kind: (kind([1.5, 2]), kind(2, 3).shape, kind().shape, kind(torch.Size([2])).shape))
        tr(lambda kind=kind: kind(x))
    for args in ((), (2,), (2, 3), ([1.5, 2],), (x,), (torch.Size([2]),)):
        tr(lambda args=args: x.new(*args).shape)
        tr(lambda args=args: x.new(*args).dtype)
    tr(lambda: x.int().new([1.5]))

    # memory that others have
    def shared(data, **kwargs):
        t = torch.asarray(data, **kwargs)
        t[...] = 7
        return data, t

    def of_array(**kwargs):
        return shared(np.array([1.0, 2.0]), **kwargs)

    def of_result(**kwargs):
        y = torch.ones(2, requires_grad=True) * 2
        t = torch.asarray(y, **kwargs)
        return t is y, t.requires_grad, t.is_leaf, t.data_ptr() == y.data_ptr()

    for kwargs in ({}, {"copy": True}, {"copy": False}, {"dtype": torch.half}, {"dtype": torch.half, "copy": False}):
        tr(lambda kwargs=kwargs: of_array(**kwargs))
        tr(lambda kwargs=kwargs: of_result(**kwargs))
        tr(lambda kwargs=kwargs: shared(torch.arange(3), **kwargs))
        tr(lambda kwargs=kwargs: torch.asarray([1, 2.0], **kwargs))
        tr(lambda kwargs=kwargs: torch.asarray(bytearray(b"abcd"), **kwargs))
    for requires_grad in (True, False):
        tr(lambda r=requires_grad: of_result(requires_grad=r))
        tr(lambda r=requires_grad: torch.asarray([1, 2], requires_grad=r))
        tr(lambda r=requires_grad: torch.asarray([1.0], requires_grad=r))
    tr(lambda: torch.asarray(np.float64(0.5), copy=False))
    for data in (b"", b"abc", b"abcd"):
        for kwargs in ({}, {"count": 1}, {"count": 0}, {"count": 5}, {"offset": 2}, {"offset": 4}, {"offset": -1}):
            tr(lambda data=data, kwargs=kwargs: torch.frombuffer(bytearray(data), dtype=torch.int16, **kwargs))
    tr(lambda: torch.frombuffer(b"abcd", dtype=torch.int16))
    tr(lambda: torch.frombuffer([1], dtype=torch.int16))
    fixed = np.array([1.0])
    fixed.flags.writeable = False
    for array in (
        [1],
        fixed,
        np.arange(4)[::-1],
        np.arange(4)[::2],
        np.ones(1).astype(">f8"),
        np.array(["a"]),
        np.float32(1),
    ):
        tr(lambda array=array: torch.from_numpy(array))
