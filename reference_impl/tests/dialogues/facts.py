"""What can be asked of a tensor, conversions, and in-place operators that change its shape."""


def play(torch, tr, tell):
    c = torch.ones(2, 3)
    x = torch.ones(2, requires_grad=True)

    # constructors and dtypes
    for args in ((c,), (x,), (), ([1, 2],), ((1, 2),), (1.5,), (c.double(),)):
        tr(lambda args=args: torch.Tensor(*args))
    tr(lambda: (torch.Tensor(2, 3).shape, torch.Tensor(3).shape, torch.Tensor(torch.Size([2, 2])).shape))
    for kind in (bool, int, float, complex):
        tr(
            lambda kind=kind: (
                torch.ones(2, dtype=kind),
                c.to(kind).dtype,
                c.new_ones(1, dtype=kind),
                torch.zeros_like(c, dtype=kind),
            )
        )
    tr(lambda: torch.ones(2, dtype=bool, requires_grad=True))
    tr(lambda: torch.arange(3, dtype=float))
    tr(lambda: torch.set_default_dtype(float))
    tr(
        lambda: (
            c.byte().dtype,
            c.char().dtype,
            c.short().dtype,
            c.bfloat16().dtype,
            c.cfloat().dtype,
            c.cdouble().dtype,
        )
    )
    tr(lambda: c.type())
    tr(lambda: (c.type(torch.float64).dtype, c.type("torch.DoubleTensor").dtype))
    tr(lambda: c.type("torch.NoTensor"))
    tr(lambda: (c.cpu() is c, c.to("cpu") is c, c.to("cpu", copy=True) is c, c.to(c.double()).dtype, c.to() is c))
    tr(lambda: c.to("cpu", torch.float64, True, True).dtype)
    tr(lambda: c.pin_memory())

    # facts
    tr(lambda: (c.element_size(), c.itemsize, c.nbytes, c.nelement(), c.ndimension(), c.get_device(), c.name))
    tr(lambda: (c.is_cpu, c.is_cuda, c.is_sparse, c.is_quantized, c.is_meta, c.is_nested, c.is_mkldnn, c.is_signed()))
    tr(lambda: (c.is_pinned(), c.is_shared(), c.is_same_size(x), c.is_set_to(c), c.transpose(0, 1).dim_order()))
    tr(lambda: (torch.is_inference(c), torch.is_storage(c)))
    tr(lambda: torch.is_inference(3))
    tr(lambda: (1.0 in c, 2.0 in c, list(reversed(torch.arange(3)))))
    tr(lambda: (c == None, c != None, c == "a"))  # noqa: E711
    tr(lambda: (torch.finfo(torch.float32), torch.finfo(torch.bfloat16), torch.iinfo(torch.int8), torch.finfo().eps))
    tr(lambda: torch.finfo(torch.int8))
    tr(lambda: torch.iinfo(torch.float32))
    tr(lambda: (torch.can_cast(torch.float, torch.int), torch.result_type(torch.tensor([1]), 2.0), torch.typename(c)))
    tr(lambda: torch.where(torch.tensor([True, False]), 1, 0.5))

    # in place
    for change in (
        lambda y: y.unsqueeze_(0),
        lambda y: y.squeeze_(),
        lambda y: y.squeeze_(1),
        lambda y: y.squeeze_((0, 1)),
        lambda y: y.transpose_(0, 1),
        lambda y: y.swapaxes_(0, 2),
        lambda y: y.as_strided_((2,), (1,)),
        lambda y: y.resize_(2),
    ):
        w = torch.ones(2, 1, 3, requires_grad=True)
        y = w * 2
        view = y.view(2, 3)

        def changed(change=change, w=w, y=y, view=view):
            z = change(y)
            z.backward(torch.arange(z.numel()).reshape(z.shape) * 1.0)
            return z is y, y.shape, y.grad_fn.name(), y._version, view.grad_fn.name(), w.grad

        tr(changed)
    tr(lambda: x.unsqueeze_(0))
    tr(lambda: x.resize_(3))
    tr(lambda: (torch.ones(4).resize_(2, 2), torch.ones(2, 2).resize_as_(torch.ones(1))))
    a, b = torch.zeros(3), torch.ones(2)
    tr(lambda: (a.set_(b), a.data_ptr() == b.data_ptr(), a._version, b._version))
    tr(lambda: (torch.ones(2).apply_(lambda v: v * 3), torch.ones(2).map_(torch.ones(2), lambda v, w: v + w)))
    tr(lambda: (torch.sin_(torch.zeros(1)), torch.relu_(-torch.ones(1))))
    tr(lambda: torch.sin_(x))

    # rare switches
    modes = torch.autograd.grad_mode
    with modes._force_original_view_tracking(True):
        tr(torch.autograd.is_view_replay_enabled)
    tr(torch.autograd.is_view_replay_enabled)
    with modes._unsafe_preserve_version_counter(c):
        c.add_(1)
        tell(c._version)
    tell(c._version)
    tr(lambda: modes._unsafe_preserve_version_counter([c]).__enter__())

    # integers have no gradient
    i = torch.tensor([1, 2])
    for integers in (torch.int64, torch.int32, torch.bool, torch.uint8):
        tr(lambda integers=integers: (x.to(integers), x.to(integers).requires_grad, x.type(integers).grad_fn))
    tr(lambda: (x.long().requires_grad, (x * 2).int().grad_fn, x.type_as(i).is_leaf))
    tr(lambda: i.clone().copy_(x).requires_grad)
    tr(lambda: x.long().sum().backward())
    for name in ("sum", "nansum", "prod"):
        tr(lambda name=name: getattr(x, name)(dtype=torch.int64))
        tr(lambda name=name: getattr(x.detach(), name)(dtype=torch.int64))
        tr(lambda name=name: getattr(x, name)(dtype=torch.float64))
    tr(lambda: x.cumsum(0, dtype=torch.int32))
    tr(lambda: x.cumprod(0, dtype=torch.int64))
    torch.set_warn_always(True)
    tr(lambda: torch.tensor([1 + 2j]).float())
    torch.set_warn_always(False)

    for count in (0, -1, 1.5, 2**65):
        for switch in (torch.set_num_threads, torch.set_num_interop_threads):
            tr(lambda switch=switch, count=count: switch(count))
