"""Pruning: what modules hold and compute, methods after methods, over several parameters, and what is refused."""

import copy
import importlib
import pickle


def play(torch, tr, tell):
    nn = torch.nn
    prune = importlib.import_module(f"{torch.__name__}.nn.utils.prune")
    torch.manual_seed(0)

    def linear():
        m = nn.Linear(3, 2)
        with torch.no_grad():
            m.weight.copy_(torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.1, -0.7]]))
            m.bias.copy_(torch.tensor([0.3, -0.2]))
        return m

    def names(m):
        return [n for n, _ in m.named_parameters()], [n for n, _ in m.named_buffers()], prune.is_pruned(m)

    m = linear()
    tr(lambda: (prune.l1_unstructured(m, "weight", 0.5) is m, names(m), m.weight))
    tr(lambda: m.state_dict())
    tr(lambda: (m(torch.ones(1, 3)).sum().backward(), m.weight_orig.grad))
    tr(lambda: prune.l1_unstructured(m, "weight", 1).weight_mask)
    tr(lambda: prune.ln_structured(m, "weight", 1, n=2, dim=0).weight_mask)
    tr(lambda: [(type(h).__name__, len(h), type(h[0]).__name__) for h in m._forward_pre_hooks.values()])
    tr(lambda: copy.deepcopy(m))
    tr(lambda: pickle.loads(pickle.dumps(m)).weight)
    other = prune.l1_unstructured(linear(), "weight", 0)
    tr(lambda: (other.load_state_dict(m.state_dict()), other.weight, other(torch.ones(1, 3)), other.weight))
    tr(lambda: (prune.remove(m, "weight").weight, names(m)))
    tr(lambda: prune.remove(m, "weight"))

    for f, options in (
        (prune.identity, {}),
        (prune.random_unstructured, {"amount": 0.4}),
        (prune.random_structured, {"amount": 1, "dim": 1}),
        (prune.random_structured, {"amount": 0.5, "dim": -1}),
        *((prune.ln_structured, {"amount": 1, "n": n, "dim": 1}) for n in (1, 2, float("inf"), "fro", 0)),
        (prune.ln_structured, {"amount": 1, "n": 1, "dim": 2}),
        (prune.ln_structured, {"amount": 5, "n": 1, "dim": 0}),
        (prune.ln_structured, {"amount": 1, "n": 1, "dim": 1, "importance_scores": torch.tensor([[5.0, 1, 3]] * 2)}),
        (prune.l1_unstructured, {"amount": 2, "importance_scores": torch.arange(6.0).reshape(2, 3)}),
        (prune.l1_unstructured, {"amount": 2, "importance_scores": torch.arange(5.0)}),
        *((prune.l1_unstructured, {"amount": a}) for a in (-1, 1.5, "a", 7, 0, 6, 0.0, 1.0, None)),
        (prune.custom_from_mask, {"mask": torch.tensor([[1, 0, 1], [0, 1, 1]])}),
        (prune.custom_from_mask, {"mask": torch.ones(2)}),
    ):
        tr(lambda f=f, options=options: f(linear(), "weight", **options).weight)
    tr(lambda: prune.random_structured(linear(), "bias", 1, dim=0))
    tr(lambda: prune.identity(linear(), "absent"))
    m = linear()
    m.register_buffer("b", torch.ones(3))
    tr(lambda: prune.l1_unstructured(m, "b", 1))
    m.weight.requires_grad_(False)
    tr(lambda: prune.l1_unstructured(m, "weight", 2).weight_orig.requires_grad)
    m = nn.Conv2d(2, 3, 2)
    with torch.no_grad():
        m.weight.copy_(torch.arange(24.0).reshape(3, 2, 2, 2) - 8)
    tr(lambda: prune.ln_structured(m, "weight", 1, n=2, dim=1).weight_mask.sum((2, 3)))
    tr(lambda: prune.ln_structured(m, "weight", 0.5, n=1, dim=-4).weight_mask.sum((2, 3)))
    tr(lambda: prune.l1_unstructured(m, "weight", 1).weight_mask)

    a, b = linear(), linear()
    with torch.no_grad():
        b.weight.mul_(1.1)
    places = [(a, "weight"), (b, "weight"), (b, "bias")]
    tr(lambda: prune.global_unstructured(places, prune.L1Unstructured, amount=7))
    tr(lambda: (a.weight_mask, b.weight_mask, b.bias_mask))
    scores = {(a, "weight"): torch.arange(6.0).reshape(2, 3) + 0.5}
    tr(lambda: prune.global_unstructured(places, prune.L1Unstructured, importance_scores=scores, amount=0.5))
    tr(lambda: (a.weight_mask, b.weight_mask, b.bias_mask))
    tr(lambda: prune.global_unstructured(places, prune.RandomUnstructured, amount=1))
    tr(lambda: prune.global_unstructured(places, prune.LnStructured, amount=1, n=1))
    tr(lambda: prune.global_unstructured(3, prune.L1Unstructured, amount=1))
    tr(lambda: prune.global_unstructured(places, prune.L1Unstructured, importance_scores=3, amount=1))

    class Every(prune.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def __init__(self, step):
            self.step = step

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[:: self.step] = 0
            return mask

    class Odd(Every):
        PRUNING_TYPE = "odd"

    class Failing(Every):
        def compute_mask(self, t, default_mask):
            raise ValueError("no")

    m = linear()
    tr(lambda: (Every.apply(m, "weight", 2).step, m.weight))
    tr(lambda: Odd.apply(m, "weight", 3))
    tr(lambda: Every(2).prune(torch.ones(4), default_mask=torch.tensor([1.0, 1.0, 0.0, 0.0])))
    tr(lambda: Every(2).prune(torch.ones(4), importance_scores=torch.ones(3)))
    m = linear()
    tr(lambda: Failing.apply(m, "weight", 3))
    tr(lambda: names(m))
    first, second = prune.L1Unstructured(2), prune.L1Unstructured(2)
    first._tensor_name, second._tensor_name = "x", "y"
    container = prune.PruningContainer(first)
    tr(lambda: container.add_pruning_method(second))
    tr(lambda: container.add_pruning_method(3))
    tr(lambda: container.compute_mask(torch.tensor([1.0, -2.0, 3.0, 4.0]), torch.ones(4)))
    tr(lambda: container.compute_mask(torch.tensor([1.0, -2.0, 3.0, 4.0]), torch.tensor([1, 0, 1, 1])))
    tr(lambda: prune.BasePruningMethod())
