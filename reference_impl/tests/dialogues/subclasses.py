"""Classes of the user's: subclasses of Tensor through operators, methods and views; __torch_function__ of these and of what
is no Tensor; functions of the user's that can be overridden."""


def play(torch, tr, tell):
    results(torch, tr)
    graphs(torch, tr, tell)
    logged(torch, tr, tell)
    handled(torch, tr)
    strangers(torch, tr)
    functions(torch, tr, tell)


def kinds(found):
    return type(found).__name__, [type(x).__name__ for x in found] if isinstance(found, list | tuple) else found


def results(torch, tr):
    class Sub(torch.Tensor):
        def doubled(self):
            return self * 2

    class Lower(Sub):
        def add(self, other):
            return "an add of its own"

    class Other(torch.Tensor):
        pass

    F = torch.nn.functional
    s, p, low = Sub([1.0, 2.0]), torch.tensor([3.0, 4.0]), torch.tensor([5.0, 6.0]).as_subclass(Lower)
    for f in (
        lambda: s,
        lambda: torch.add(s, p),
        lambda: torch.add(p, s, alpha=2),
        lambda: p + s,
        lambda: 2 * s,
        lambda: -s,
        lambda: s == p,
        lambda: s @ p,
        lambda: s[0],
        lambda: s.T,
        lambda: s.view(1, 2),
        lambda: s.data,
        lambda: s.detach(),
        lambda: s.clone().add_(1),
        lambda: s.to(torch.float64),
        lambda: s.new_zeros(2),
        lambda: torch.zeros_like(s),
        lambda: torch.cat([p, s]),
        lambda: torch.stack((s, s)),
        lambda: torch.max(s, 0),
        lambda: s.split(1),
        lambda: list(s),
        lambda: torch.softmax(s, 0),
        lambda: torch.where(s > 1, s, p),
        lambda: (torch.argmax(s), torch.any(s), torch.sort(s), torch.where(s > 1)),
        lambda: torch.nn.Embedding(3, 2)(torch.tensor([1]).as_subclass(Sub)).shape,
        lambda: torch.nn.LayerNorm(2)(s),
        lambda: F.relu(s),
        lambda: F.linear(s, torch.ones(1, 2)),
        lambda: F.mse_loss(s, p),
        lambda: torch.linalg.norm(s),
        lambda: torch.einsum("i,i", s, p),
        lambda: torch.nn.Linear(2, 2)(s).shape,
        lambda: s.doubled(),
        lambda: s + low,
        lambda: low + s,
        lambda: (low.add(1), torch.add(low, 1)),
        lambda: low.doubled(),
        lambda: s + Other([1.0, 1.0]),
        lambda: s.as_subclass(torch.Tensor),
        lambda: p.as_subclass(int),
        lambda: torch.Tensor._make_subclass(Sub, p),
        lambda: (s.shape, s.dtype, len(s), float(s[0]), s.tolist(), s.numpy()),
        lambda: (isinstance(s, torch.Tensor), torch.is_tensor(s), torch.overrides.is_tensor_like(s)),
        lambda: torch.nn.Parameter(p) + 1,
    ):
        tr(lambda: kinds(f()))
    with torch._C.DisableTorchFunctionSubclass():
        tr(lambda: kinds([s + 1, torch.softmax(s, 0), s[0], s.T]))


def graphs(torch, tr, tell):
    class Sub(torch.Tensor):
        pass

    x = Sub([1.0, 2.0]).requires_grad_()
    y = (x * 2).sum()
    tell(y, y.grad_fn.name(), y.grad_fn.next_functions[0][0].name(), x.is_leaf)
    y.backward()
    tell(type(x.grad).__name__, x.grad)
    x.grad = None
    (x * x).sum().as_subclass(torch.Tensor).backward()
    tell(x.grad)
    x.grad = None
    torch.autograd.backward((x**2).sum())
    tell(type(x.grad).__name__, x.grad)
    tr(lambda: torch.autograd.grad((x**3).sum(), x)[0])
    tr(lambda: torch.autograd.gradcheck(lambda t: t**2, x.detach().double().requires_grad_()))
    tr(lambda: (x.detach().requires_grad, (x * 2).is_leaf, x.requires_grad))
    with torch.no_grad():
        x.mul_(3)
    tell(x)
    optimizer = torch.optim.SGD([x], lr=1.0)
    (x * 2).sum().backward()
    optimizer.step()
    tell(x)


def logged(torch, tr, tell):
    class Log(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            name = getattr(func, "__name__", "")
            if name != "__get__":
                tell("call", name.strip("_"), [t.__name__ for t in types], len(args))
            return super().__torch_function__(func, types, args, kwargs or {})

    x, p = Log([1.0, 2.0]), torch.ones(2)
    for f in (
        lambda: x + 1,
        lambda: torch.add(x, p),
        lambda: torch.mul(p, x),
        lambda: x.sum(),
        lambda: torch.softmax(x, 0),
        lambda: x[0],
        lambda: torch.cat((x, p)),
        lambda: x.add_(1),
        lambda: torch.nn.functional.linear(p, x),
        lambda: torch.linalg.norm(x),
        lambda: x.mean(dim=0),
        lambda: x.__setitem__(0, 5.0),
        lambda: torch.var_mean(x)[0],
        lambda: x.requires_grad_() * 1,
    ):
        tr(lambda: type(f()).__name__)


def handled(torch, tr):
    implemented = {
        torch.add: lambda a, b: "torch.add",
        torch.Tensor.mul: lambda a, b: "Tensor.mul",
        torch.nn.functional.relu: lambda a, inplace=False: "relu",
        torch.Tensor.shape.__get__: lambda a: "shape",
    }

    class Handled(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return implemented[func](*args, **(kwargs or {})) if func in implemented else NotImplemented

    x, p = torch.tensor([1.0]).as_subclass(Handled), torch.ones(1)
    tr(lambda: (torch.add(x, 1), torch.add(p, x), x.mul(2), torch.nn.functional.relu(x), x.shape))
    tr(lambda: torch.sub(x, 1))
    tr(lambda: x.div(1))
    tr(lambda: x - 1)

    class Named(torch.Tensor):
        def __new__(cls, data, name=None):
            made = torch.as_tensor(data).as_subclass(cls)
            made.called = name
            return made

        def __repr__(self):
            return f"Named({self.called})"

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **(kwargs or {}))

    n = Named([1.0, 2.0], "n")
    tr(lambda: (n, n.called, kinds(n * 2), kinds(torch.exp(n)), n.sum()))


def strangers(torch, tr):
    """The diagonal matrix of torch's note: no Tensor, and with functions of its own."""
    implemented = {}

    class Scalar:
        def __init__(self, n, value):
            self.n, self.value = n, value

        def __repr__(self):
            return f"Scalar({self.n}, {self.value})"

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            if func not in implemented or not all(issubclass(t, torch.Tensor | Scalar) for t in types):
                return NotImplemented
            return implemented[func](*args, **(kwargs or {}))

    def tensor(x):
        return x.value * torch.eye(x.n) if isinstance(x, Scalar) else x

    implemented[torch.mean] = lambda input: float(input.value) / input.n
    implemented[torch.add] = lambda input, other: torch.add(tensor(input), tensor(other))
    implemented[torch.softmax] = lambda input, dim: f"softmax along {dim}"
    s = Scalar(2, 3.0)
    tr(lambda: torch.mean(s))
    tr(lambda: torch.add(s, s))
    tr(lambda: torch.add(torch.ones(2, 2), s))
    tr(lambda: torch.softmax(s, dim=0))
    tr(lambda: type(torch.mul(s, s)))
    tr(lambda: torch.overrides.is_tensor_like(s))


def functions(torch, tr, tell):
    overrides = torch.overrides

    class Sub(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            tell("call", func.__name__, [t.__name__ for t in types])
            return super().__torch_function__(func, types, args, kwargs or {})

    def tripled(x, times=3):
        if overrides.has_torch_function_unary(x):
            return overrides.handle_torch_function(tripled, (x,), x, times=times)
        return x * times

    wrapped = overrides.wrap_torch_function(lambda x: (x,))(lambda x: x.detach() + 1)
    p, s = torch.ones(1), torch.ones(1).as_subclass(Sub)
    for x in (p, s):
        tr(lambda: kinds(tripled(x)))
        tr(lambda: kinds(wrapped(x)))
        tr(lambda: (overrides.has_torch_function((p, x)), overrides.has_torch_function_variadic(x, 1)))
    tr(lambda: overrides.is_tensor_method_or_property(torch.Tensor.add))
    tr(lambda: overrides.is_tensor_method_or_property(torch.add))
