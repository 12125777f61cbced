"""Optimizers beyond their steps: what they take for parameters, rates that are tensors, states, hooks, differentiable steps."""

import importlib
from importlib import import_module


def play(torch, tr, tell):
    optim, nn = torch.optim, torch.nn

    def leaf(*values):
        return torch.tensor(values or (1.0, 2.0), requires_grad=True)

    x, y = leaf(), leaf()
    tr(lambda: optim.Adamax([x, x], lr=0.1))
    tr(lambda: optim.SGD([{"params": [x]}, {"params": [x]}]))
    tr(lambda: optim.SGD([x, "y"]))
    tr(lambda: optim.SGD([x * 2]))
    tr(lambda: optim.SGD({x}))
    tr(lambda: optim.SGD(x))
    tr(lambda: optim.SGD([]))
    tr(lambda: optim.SGD([("x", x), y]))
    tr(lambda: optim.SGD([{"params": [("x", x)]}, {"params": [y]}]))
    tr(lambda: optim.SGD(nn.Linear(1, 1).named_parameters()).state_dict())
    given = {"params": [x], "lr": 0.5}
    o = optim.SGD([given])
    tr(lambda: (o.param_groups[0] is given, given["momentum"]))
    tr(lambda: o.add_param_group({"params": y, "lr": 0.25}))
    tr(lambda: o)

    tr(lambda: optim.SGD([{"params": [leaf()]}, {"params": [leaf()], "lr": 0.5}]))
    early = optim.Adagrad([leaf(), torch.ones(2, dtype=torch.complex64)], initial_accumulator_value=0.5)
    tell(early.state_dict()["state"])
    for name, options in (
        ("SGD", {}), ("SGD", {"momentum": 0.5}), ("Adam", {"amsgrad": True}), ("Adagrad", {}), ("RMSprop", {"momentum": 0.5}),
        ("Adadelta", {}), ("Adamax", {}), ("NAdam", {}), ("RAdam", {}), ("ASGD", {}), ("Rprop", {}), ("Adafactor", {}),
    ):  # fmt: skip

        def of_complex(name=name, options=options):
            """What is kept for a complex parameter, and what becomes of that where it goes through a state_dict."""
            p = torch.tensor([1 + 2j, -1j], requires_grad=True)
            o = getattr(optim, name)([p], lr=0.125, **options)
            for _ in range(3):
                o.zero_grad()
                (p.abs() ** 3).sum().backward()
                o.step()
                kept, o = o.state_dict(), getattr(optim, name)([p], lr=0.125, **options)
                o.load_state_dict(kept)
            return p, [(k, type(v), torch.as_tensor(v).dtype) for k, v in o.state[p].items()], kept["state"]

        tr(of_complex)
    plain = optim.SGD([x], lr=0.5)
    x.grad = torch.ones(2)
    plain.step()
    tell(len(plain.state), plain.state_dict()["state"])
    plain.state[x]["mine"] = 1
    plain.step()
    tell(plain.state_dict()["state"])

    def trained(name, steps=3, **options):
        p = leaf(1.0, -2.0)
        o = getattr(optim, name)([p], **options)
        for _ in range(steps):
            o.zero_grad()
            (p * p * p).sum().backward()
            o.step()
        return p, type(o.param_groups[0]["lr"]).__name__

    for name in "SGD Adam AdamW RMSprop Adagrad Adadelta Adamax NAdam RAdam ASGD Rprop".split():  # noqa: SIM905
        tr(lambda name=name: trained(name, lr=torch.tensor(0.125), foreach=False))

        def through(name=name):
            """The gradient of what a step leads to, with respect to what it started from."""
            start = leaf(0.5, 2.0)
            moved = start.clone()
            moved.grad = (3 * start * start).clone()
            o = getattr(optim, name)([moved], lr=0.125, differentiable=True)
            o.step()
            if name not in ("Adamax", "Rprop"):  # which overwrite what they saved
                moved.grad = moved * 2
                o.step()
            moved.sum().backward()
            return moved.detach(), start.grad

        tr(through)

    def by_product():
        """The gradient of NAdam's step with respect to the product of momenta that it keeps."""
        p, product = leaf(1.0, 2.0).clone(), torch.tensor(0.5, requires_grad=True)
        p.grad = torch.ones(2)
        o = optim.NAdam([p], differentiable=True)
        o.state[p].update(step=torch.tensor(3.0), mu_product=product.clone())
        o.state[p].update(exp_avg=torch.ones(2), exp_avg_sq=torch.ones(2))
        o.step()
        return torch.autograd.grad(p.sum(), product)

    tr(by_product)

    def loaded():
        p = leaf()
        o = optim.Adam([p])
        p.sum().backward()
        o.step()
        wide = torch.ones(2, dtype=torch.float64, requires_grad=True)
        other = optim.Adam([wide])
        other.load_state_dict(o.state_dict())
        kept = other.state[wide]
        return kept["step"].dtype, kept["exp_avg"].dtype, kept["exp_avg"] is o.state[p]["exp_avg"]

    tr(loaded)

    o = optim.SGD([x], lr=0.5)
    o.state["note"] = 3
    tr(lambda: o.state_dict()["state"])
    tr(lambda: (o.load_state_dict(o.state_dict()), o.state["note"]))

    hooks = importlib.import_module(f"{torch.__name__}.optim.optimizer")
    handles = [
        hooks.register_optimizer_step_pre_hook(lambda o, args, kwargs: tell("before all", type(o).__name__, len(args))),
        hooks.register_optimizer_step_post_hook(lambda o, args, kwargs: tell("after all", kwargs)),
        o.register_step_pre_hook(lambda *_: tell("before")),
        o.register_step_post_hook(lambda *_: tell("after")),
    ]
    o.step()
    optim.Adam([y]).step(closure=None)
    for handle in handles:
        handle.remove()
    o.step()

    def flat(tolerance):
        return optim.LBFGS([leaf()], 0.01, tolerance_grad=tolerance).step(lambda: torch.tensor([10]))

    tr(lambda: flat(float("inf")))
    tr(lambda: flat(-float("inf")))

    def of_complex(sparse, **options):
        d = torch.complex128
        p, u = (torch.tensor(values, dtype=d, requires_grad=True) for values in ([1 + 1j, 2 - 0.5j], [1 + 2j]))
        q = torch.tensor([[1.0, -2.0]], dtype=torch.float64, requires_grad=True)
        o = optim.LBFGS([p, q, u], max_iter=4, **options)

        def closure():
            o.zero_grad()
            loss = (p.abs() ** 2).sum() * 0.5 + p.real.sum() + (q**4).sum() + (p[0] * q[0, 0]).imag
            loss.backward()
            if sparse:
                q.grad = q.grad.to_sparse()
            return loss

        return o.step(closure), p, q, u, o.state[p]["func_evals"]

    for sparse in (False, True):
        tr(lambda s=sparse: of_complex(s))
        tr(lambda s=sparse: of_complex(s, line_search_fn="strong_wolfe"))

    def of_users(groups):
        module = import_module(torch.optim.Optimizer.__module__)

        class Plain(torch.optim.Optimizer):
            def __init__(self, params, lr=module.required):
                super().__init__(params, {"lr": lr})

        return module.required, Plain(groups)

    tr(lambda: of_users([{"params": [torch.zeros(2)], "lr": 0.1}]))
    tr(lambda: of_users([torch.zeros(2)]))
