"""out=: the dtypes that a result may be written in, and the memory that it may not be written to."""


def play(torch, tr, tell):
    i, mask, square = torch.tensor([0, 1, 2]), torch.tensor([True, False] * 3), torch.arange(4.0).reshape(2, 2)

    def empty(*shape, dtype=torch.float64):
        return torch.empty(shape, dtype=dtype)

    # pointwise operators and reductions cast, others do not
    x = torch.arange(6.0)
    tr(lambda: torch.exp(x, out=empty(6)))
    tr(lambda: torch.exp(x, out=empty(6, dtype=torch.int64)))
    tr(lambda: torch.sum(square, 0, out=empty(2)))
    tr(lambda: torch.cat([x, x], out=empty(12)))
    tr(lambda: torch.fft.fft(x, out=empty(6, dtype=torch.complex128)).dtype)
    tr(lambda: torch.gather(x, 0, i, out=empty(3)))
    tr(lambda: torch.take(x, i, out=empty(3)))
    tr(lambda: torch.index_select(x, 0, i, out=empty(3)))
    tr(lambda: torch.masked_select(x, mask, out=mask))
    tr(lambda: torch.mm(square, square, out=empty(2, 2)))
    tr(lambda: torch.addmm(square, square, square, out=empty(2, 2, dtype=torch.float16)))
    tr(lambda: torch.softmax(square, 0, out=empty(2, 2)))
    tr(lambda: torch.tril(square, out=empty(2, 2, dtype=torch.int32)))
    tr(lambda: torch.linalg.inv(square, out=empty(2, 2)))
    tr(lambda: torch.amax(square, 0, out=empty(2)))
    tr(lambda: torch.max(square, 0, out=(empty(2, dtype=torch.float32), empty(2, dtype=torch.int32))))
    tr(lambda: torch.argmax(square, 0, out=empty(2, dtype=torch.int32)))
    tr(lambda: torch.complex(x, x, out=empty(6, dtype=torch.complex128)))
    tr(lambda: torch.round(x, out=empty(6)))

    # a place that is read may not be written before
    def fresh():
        return torch.arange(6.0)

    for call in (
        lambda x: torch.add(x, 1, out=x),
        lambda x: torch.add(x[:5], 1, out=x[1:]),
        lambda x: torch.exp(x[:3], out=x[3:]),
        lambda x: torch.gather(x, 0, i.repeat(2), out=x),
        lambda x: torch.gather(x[3:], 0, i, out=x[:3]),
        lambda x: torch.take(x, i, out=x[1:4]),
        lambda x: torch.cat([x[:2], x[2:4]], out=x[:4]),
        lambda x: torch.kthvalue(x, 2, out=(x, torch.empty(0, dtype=torch.int64))),
        lambda x: torch.masked_select(x, mask, out=x),
        lambda x: torch.cumsum(x, 0, out=x),
        lambda x: torch.cumsum(x[:3], 0, out=x[1:4]),
        lambda x: torch.where(x[:3] > 1, x[:3], x[3:], out=x[2:5]),
        lambda x: torch.hstack([x[:2], x[2:4]], out=x[:4]),
        lambda x: torch.topk(x, 6, out=(x, torch.empty(6, dtype=torch.int64)))[0],
        # but to where nothing lies close together torch does not look
        lambda x: torch.gather(x[::2], 0, i, out=x[::2]),
        # of what is written here and there, it is the others that must lie apart
        lambda x: torch.scatter(x[:3], 0, i, x[3:], out=x[:3]),
        lambda x: torch.scatter(x[:3], 0, i, x[3:], out=x[1:4]),
        lambda x: torch.index_add(x[:3], 0, i, x[3:], out=x[3:]),
        lambda x: x.scatter_add_(0, i, x),
        lambda x: x[:3].scatter_reduce_(0, i, x[2:5], "sum"),
        lambda x: x[:3].put_(i, x[:3]),
        lambda x: x[:3].put_(i, x[3:]),
        lambda x: x[:3].clamp_(x[1:4]),
        lambda x: x[1:4].div_(x[2:5], rounding_mode="floor"),
    ):
        tr(lambda: call(fresh()))

    # some functions of one operand write in its dtype alone
    real = ["abs", "neg", "floor", "ceil", "trunc", "round", "sgn", "sign", "frac", "conj_physical"]
    takes = {"float32": real, "int64": [*real[:-2], "bitwise_not"], "complex64": ["abs", "neg", "sgn", "conj_physical"]}
    for dtype, names in takes.items():
        for name in names:
            given = torch.ones(2, dtype=getattr(torch, dtype))
            for wanted in (torch.float32, torch.float64, torch.int64, torch.complex64):
                tr(
                    lambda name=name, given=given, wanted=wanted: getattr(torch, name)(
                        given, out=empty(2, dtype=wanted)
                    )
                )
    tr(lambda: torch.cat([x, x], out=empty(12, dtype=torch.int32)))
    tr(lambda: torch.exp(x, out=3))
    tr(lambda: torch.exp(x, out=(empty(6),)))
    dtypes_of_results(torch, tr, empty)
    without_out(torch, tr)


def dtypes_of_results(torch, tr, empty):
    x = torch.tensor([[1.7, 2.7], [0.3, -1.2]])
    wanted = torch.float64, torch.float32, torch.int32, torch.complex128
    # sums and products are computed in the dtype of out
    for name in ("sum", "prod", "cumsum", "cumprod"):
        for dtype in wanted:
            tr(lambda name=name, dtype=dtype: getattr(torch, name)(x, 0, out=empty(2, dtype=dtype)[:0]))
        tr(lambda name=name: getattr(torch, name)(x, 0, dtype=torch.float64, out=empty(0, dtype=torch.int32)))
        tr(lambda name=name: getattr(torch, name)(x > 0, 0, out=empty(0, dtype=torch.uint8)))
    for call in (
        lambda out: torch.special.expit(x, out=out),
        lambda out: torch.special.psi(x, out=out),
        lambda out: torch.special.ndtr(x, out=out),
        lambda out: torch.special.gammainc(x, x, out=out),
        lambda out: torch.clamp(x, 0, out=out),
        lambda out: torch.clamp_min(x, 0, out=out),
        lambda out: torch.clamp(x, x, out=out),
        lambda out: torch.clamp_max(x, x, out=out),
        lambda out: torch.lerp(x, x, 0.5, out=out),
        lambda out: torch.nan_to_num(x, out=out),
        lambda out: torch.signbit(x, out=out),
        lambda out: torch.isneginf(x, out=out),
        lambda out: torch.any(x, 0, out=out),
        lambda out: torch.float_power(x, 2, out=out),
        lambda out: torch.hstack([x, x], out=out),
        lambda out: torch.fft.irfft2(x, out=out),
        lambda out: torch.fft.ifftn(x, out=out).dtype,
        lambda out: torch.fft.rfft(x, out=out).dtype,
    ):
        for dtype in wanted[:-1]:
            tr(lambda call=call, dtype=dtype: call(empty(0, dtype=dtype)))
    tr(lambda: torch.linalg.matrix_power(x, 3, out=empty(2, 2)))
    tr(lambda: torch.all(torch.eye(2), 0, out=empty(0, dtype=torch.uint8)))
    # what is read and written at once keeps its shape
    for x, y in ((torch.ones(3), torch.ones(2, 3)), (torch.ones(()), torch.ones(2))):
        tr(lambda x=x, y=y: torch.add(x, y, out=x))
        tr(lambda x=x, y=y: torch.div(y, x, rounding_mode="floor", out=x))
    tr(lambda: torch.special.exp2(y[:1], out=y[1:]))
    both = torch.arange(4.0)
    tr(lambda: torch.special.exp2(both[:3], out=both[1:]))


def without_out(torch, tr):
    x = torch.ones(1, 4, 2, 2)
    calls = {"clone": (), "isnan": (), "isfinite": (), "isreal": (), "relu": (), "pixel_shuffle": (2,), "isclose": (x,)}
    for name, more in calls.items():
        try:
            getattr(torch, name)(x, *more, out=torch.empty(0))
        except TypeError as error:
            tr(lambda error=error: str(error).partition("()")[2])
