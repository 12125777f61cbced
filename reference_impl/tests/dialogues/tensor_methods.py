"""Methods of Tensor that are no operators: what they refuse, and what else lies in the memory that they change."""


def play(torch, tr, tell):
    def start(f):
        """The value of f, or its error as far as the list of overloads."""
        try:
            return f()
        except Exception as error:
            raise type(error)(str(error).partition(", but expected")[0].rstrip(")")) from None

    x = torch.ones(2)
    for given in ({"tensor": x.double()}, {"other": x}, {"foo": 1}, {"memory_format": 3}, {"memory_format": None}):
        tr(lambda k=given: start(lambda: x.to(**k)))
    tr(lambda: x.type_as(3))
    tr(lambda: x.type(3))
    tr(lambda: x.type(torch.LongTensor))
    for name in ("size", "stride"):
        for dim in ("a", 1.0, None, 1, -2):
            tr(lambda n=name, d=dim: getattr(x, n)(d))

    for d in (torch.uint8, torch.int16, torch.uint16, torch.uint32, torch.uint64, torch.bool, torch.float16):
        tr(lambda d=d: setattr(torch.ones(2, requires_grad=True), "grad", torch.ones(2, dtype=d)))
        tr(lambda d=d: x.clone().set_(torch.ones(2, dtype=d)))
        if d is not torch.float16:
            tr(lambda d=d: torch.ones(2, dtype=d).fill_(2j))

    def grown():
        base = torch.arange(4.0)
        part, alias = base[1:3], base.view(2, 2)
        base.resize_(6)
        base[1] = 5
        part.resize_(2, 2).mul_(2)
        return base[:4], part[0], alias, part.storage_offset()

    def grown_by_a_view():
        base = torch.arange(4.0)
        part = base[2:]
        part.resize_(3)
        part[0] = 7
        return base, part[:2], base.untyped_storage().nbytes()

    def shared():
        base = torch.arange(6.0).reshape(2, 3).t().clone()
        part = base[1]
        part.share_memory_()
        part.zero_()
        return base, base.is_shared(), part.is_shared()

    for f in (grown, grown_by_a_view, shared):
        tr(f)
