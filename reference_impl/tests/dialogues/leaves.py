"""Leaves that get other memory, resizing, and errors under anomaly detection where warnings are errors."""

import contextlib
import io
import warnings


def play(torch, tr, tell):
    other = torch.zeros(2)
    changes = {
        "set_": lambda x: x.set_(other),
        "set_ to another size": lambda x: x.set_(torch.zeros(3)),
        "data": lambda x: setattr(x, "data", other),
        "data of another dtype": lambda x: setattr(x, "data", other.double()),
        "copy_": lambda x: x.copy_(other),
        "requires_grad_": lambda x: x.requires_grad_(False).requires_grad_(),
        "detach_": lambda x: x.detach_().requires_grad_(),
    }
    for name, change in changes.items():

        def changed(hook=False, change=change):
            x = torch.ones(2, requires_grad=True)
            if hook:
                x.register_hook(lambda g: tell("hook", g))
            edge, out = torch.autograd.graph.get_gradient_edge(x), x.clone()
            with torch.no_grad():
                change(x)
            return x, edge, out.sum()

        tell(name)
        x, edge, out = changed()
        tr(lambda x=x, out=out: torch.autograd.grad(out, x, retain_graph=True))
        tr(lambda edge=edge, out=out: torch.autograd.grad(out, edge))
        x, _, out = changed(hook=True)
        if "size" not in name:
            tr(out.backward)
            tell(x.grad, x._version)

    for make in (
        lambda: torch.ones(2, requires_grad=True),
        lambda: torch.ones(2, requires_grad=True) * 1,
        lambda: other + 1,
    ):
        for mode in (torch.no_grad, torch.inference_mode, torch.enable_grad):
            for size in (2, 3):
                for f in (lambda t, n: t.resize_(n), lambda t, n: t.resize_as_(torch.ones(n))):
                    t = make()
                    with mode():
                        tr(lambda t=t, f=f, size=size: f(t, size).shape)
                    tell(t._version, t.requires_grad)
            t = make()
            with mode():
                tr(lambda t=t: t.detach_().requires_grad)

    def overwritten():
        x = torch.ones(2, requires_grad=True) + 1
        y = x**2
        x += 1
        return y.sum()

    told = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stderr(told):
        warnings.simplefilter("ignore")
        with torch.autograd.detect_anomaly():
            out = overwritten()
            warnings.simplefilter("error")
            try:
                out.backward()
            except Exception as error:
                tell(type(error).__name__)
    tell(told.getvalue().partition("Traceback")[0])

    base = torch.ones(2, 2, requires_grad=True)
    for view in (base[0], base.unbind()[0], (base * 1)[0], (base * 1).unbind()[0]):
        tr(lambda view=view: view.set_(torch.zeros(3)).shape)
    tr(lambda: base.set_(torch.ones(2, dtype=torch.complex64)))
    leaf = torch.ones(2, requires_grad=True)
    leaf.register_post_accumulate_grad_hook(lambda t: tell("after", t, t.grad))
    doubled = leaf * 2
    leaf.requires_grad_(False)
    doubled.sum().backward()
