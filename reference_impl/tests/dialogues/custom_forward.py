"""Forward mode of custom Functions: what jvp is given, and what it may return."""


def play(torch, tr, tell):
    forward_ad = torch.autograd.forward_ad

    def function(forward, jvp):
        class F(torch.autograd.Function):
            @staticmethod
            def backward(ctx, *gs):
                return gs

        F.forward, F.jvp = staticmethod(forward), staticmethod(jvp)
        return F.apply

    def dual(apply, *args, look=lambda *outs: [forward_ad.unpack_dual(o).tangent for o in outs]):
        with forward_ad.dual_level():
            duals = [forward_ad.make_dual(*a) if isinstance(a, tuple) else a for a in args]
            outs = apply(*duals)
            return look(*(outs if isinstance(outs, tuple) else (outs,)))

    one, two, t = torch.tensor([1.0, 4.0]), torch.tensor([2.0, 3.0]), torch.tensor([5.0, 7.0])

    # inputs and outputs without tangents: None where the dtype has none, zeros elsewhere
    def given(ctx, *ts):
        tell("jvp is given", *ts)
        return ts

    for other in (two, two.long(), two.bool(), two.cfloat(), 3, None):
        tr(lambda other=other: dual(function(lambda ctx, a, b: (a.clone(), torch.as_tensor(b or 0) if not
                                                                isinstance(b, torch.Tensor) else b.clone()), given),
                                    (one, t), other))  # fmt: skip

    def unmaterialised(ctx, a, b):
        ctx.set_materialize_grads(False)
        return a.clone(), b.clone()

    tr(lambda: dual(function(unmaterialised, given), (one, t), two))
    tr(lambda: dual(function(unmaterialised, lambda ctx, a, b: (a, None)), (one, t), two))

    # what is marked non-differentiable has none
    def marked(ctx, a, b):
        out = b.clone()
        ctx.mark_non_differentiable(out)
        return a.clone(), out

    tr(lambda: dual(function(marked, lambda ctx, a, b: (a, None)), (one, t), two))
    tr(lambda: dual(function(marked, lambda ctx, a, b: (a, b)), (one, t), two))
    tr(lambda: dual(function(marked, lambda ctx, a, b: (a, b)), (one, t), (two, t)))
    tr(lambda: dual(function(lambda ctx, a: (a.clone(), "text", a * 2), lambda ctx, a: (a, None, a * 2)), (one, t),
                    look=lambda a, b, c: (b, forward_ad.unpack_dual(a), forward_ad.unpack_dual(c))))  # fmt: skip
    for out in ("text", None, two.long()):
        tr(lambda out=out: dual(function(lambda ctx, a: (a.clone(), out), lambda ctx, a: (a, a)), (one, t),
                                look=lambda a, b: forward_ad.unpack_dual(a)))  # fmt: skip
    tr(lambda: dual(function(lambda ctx, a: a.clone(), lambda ctx, a: (a, a)), (one, t)))
    tr(lambda: dual(function(lambda ctx, a: a.clone(), lambda ctx, a: 3), (one, t)))
    tr(lambda: dual(function(lambda ctx, a: a.clone(), lambda ctx, a: None), (one, t)))
    tr(lambda: dual(function(lambda ctx, a: a.clone(), lambda ctx, a: a[:1]), (one, t)))
    tr(lambda: dual(function(lambda ctx, a: a.clone(), lambda ctx, a: a.long()), (one, t)))

    # an input that is overwritten: so is its tangent
    def doubling(ctx, a):
        ctx.mark_dirty(a.mul_(2))
        return a

    for jvp in (lambda ctx, a: a.mul_(2), lambda ctx, a: a, lambda ctx, a: a * 2, lambda ctx, a: a.mul_(2).clone(),
                lambda ctx, a: None):  # fmt: skip
        for leaf in (False, True):
            tangent = torch.tensor([5.0, 7.0])

            def overwritten(jvp=jvp, leaf=leaf, tangent=tangent):
                with forward_ad.dual_level():
                    x = forward_ad.make_dual(one.clone().requires_grad_(leaf).clone(), tangent)
                    out = function(doubling, jvp)(x)
                    found = forward_ad.unpack_dual(out).tangent
                    return out is x, found is tangent, found, tangent

            tr(overwritten)

    # an input that is returned as it is, or a view of it: jvp returns a view of its tangent
    def tangent_base(*outs):
        found = forward_ad.unpack_dual(outs[-1]).tangent
        return found, found is t, found._base is t, found._is_view()

    as_it_is, part = (lambda ctx, a, b: (a + b, a)), (lambda ctx, a, b: (a + b, a[:1]))
    for forward in (as_it_is, part):
        for f in (lambda a: a.view_as(a), lambda a: a, lambda a: a * 2, lambda a: a[:1], lambda a: a.clone()[:1],
                  lambda a: a.clone().view_as(a)):  # fmt: skip
            for b in (two, two.clone().requires_grad_()):
                tr(lambda forward=forward, f=f, b=b: dual(function(forward, lambda ctx, x, y: (x + y, f(x))), (one, t), b,
                                                          look=tangent_base))  # fmt: skip
    base, whole = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.ones(2, 2)
    for f in (lambda a: a[:1], lambda a: a.clone(), lambda a: a.clone()[:1], lambda a: a.clone()[0]):
        for outer in (lambda x: x, lambda x: x.view_as(x), lambda x: x[:2]):
            tr(lambda f=f, outer=outer: dual(lambda x: function(lambda ctx, a: a[:1], lambda ctx, a: f(a))(outer(x)),
                                             (base, whole)))  # fmt: skip
