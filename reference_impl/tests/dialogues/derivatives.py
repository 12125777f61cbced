"""Jacobians, Hessians, gradients of each sample, and what is made of them, as the tutorials do it."""

import importlib
from functools import partial


def jacobians_tut(torch, tell):
    F = importlib.import_module(".nn.functional", torch.__name__)
    vmap = importlib.import_module(".func", torch.__name__).vmap
    vjp = importlib.import_module(".func", torch.__name__).vjp
    jacrev = importlib.import_module(".func", torch.__name__).jacrev
    jacfwd = importlib.import_module(".func", torch.__name__).jacfwd
    hessian = importlib.import_module(".func", torch.__name__).hessian
    grad = importlib.import_module(".func", torch.__name__).grad
    _ = torch.manual_seed(0)

    def predict(weight, bias, x):
        return F.linear(x, weight, bias).tanh()

    D = 5
    weight = torch.randn(D, D)
    bias = torch.randn(D)
    x = torch.randn(D)

    def compute_jac(xp):
        jacobian_rows = [torch.autograd.grad(predict(weight, bias, xp), xp, vec)[0] for vec in torch.eye(D)]
        return torch.stack(jacobian_rows)

    xp = x.clone().requires_grad_()
    jacobian = compute_jac(xp)
    tell(jacobian.shape)
    tell(jacobian[0])
    _, vjp_fn = vjp(partial(predict, weight, bias), x)
    (ft_jacobian,) = vmap(vjp_fn)(torch.eye(D))
    tell(torch.allclose(ft_jacobian, jacobian))
    tell(torch.allclose(jacrev(predict, argnums=2)(weight, bias, x), jacobian))
    tell(torch.allclose(jacfwd(predict, argnums=2)(weight, bias, x), jacobian))
    h = hessian(predict, argnums=2)(weight, bias, x)
    tell(h.shape, h[0])
    h2 = jacfwd(jacfwd(predict, argnums=2), argnums=2)(weight, bias, x)
    h3 = jacrev(jacrev(predict, argnums=2), argnums=2)(weight, bias, x)
    tell(torch.allclose(h, h2, atol=1e-6), torch.allclose(h, h3, atol=1e-6))
    batch = torch.randn(3, D)
    bj = vmap(jacrev(predict, argnums=2), in_dims=(None, None, 0))(weight, bias, batch)
    tell(bj.shape, bj[1])

    def predict_with_output_summed(weight, bias, x):
        return predict(weight, bias, x).sum(0)

    br = jacrev(predict_with_output_summed, argnums=2)(weight, bias, batch).movedim(1, 0)
    tell(torch.allclose(br, bj))
    bh = vmap(hessian(predict, argnums=2), in_dims=(None, None, 0))(weight, bias, batch)
    tell(bh.shape)

    def hvp_revrev(f, primals, tangents):
        _, vjp_fn = vjp(grad(f), *primals)
        return vjp_fn(*tangents)

    def hvp(f, primals, tangents):
        return torch.func.jvp(grad(f), primals, tangents)[1]

    f = lambda x: x.sin().sum()
    x = torch.randn(4)
    t = torch.randn(4)
    tell(hvp(f, (x,), (t,)), hvp_revrev(f, (x,), (t,)), -x.sin() * t)


def per_sample(torch, tell):
    nn = importlib.import_module(".nn", torch.__name__)
    F = importlib.import_module(".nn.functional", torch.__name__)
    torch.manual_seed(0)

    class SimpleCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 4, 3, 1)
            self.fc1 = nn.Linear(4 * 3 * 3, 10)

        def forward(self, x):
            x = self.conv1(x)
            x = F.relu(x)
            x = F.max_pool2d(x, 2)
            x = torch.flatten(x, 1)
            x = self.fc1(x)
            return F.log_softmax(x, dim=1)

    def loss_fn(predictions, targets):
        return F.nll_loss(predictions, targets)

    data = torch.randn(4, 1, 8, 8)
    targets = torch.randint(0, 10, (4,))
    model = SimpleCNN()
    predictions = model(data)
    loss = loss_fn(predictions, targets)
    tell(loss)
    loss.backward()

    def compute_grad(sample, target):
        sample = sample.unsqueeze(0)
        target = target.unsqueeze(0)
        return torch.autograd.grad(loss_fn(model(sample), target), list(model.parameters()))

    per = [torch.stack(s) for s in zip(*[compute_grad(data[i], targets[i]) for i in range(4)])]
    tell(per[0].shape)
    functional_call = importlib.import_module(".func", torch.__name__).functional_call
    vmap = importlib.import_module(".func", torch.__name__).vmap
    grad = importlib.import_module(".func", torch.__name__).grad
    params = {k: v.detach() for k, v in model.named_parameters()}
    buffers = {k: v.detach() for k, v in model.named_buffers()}

    def compute_loss(params, buffers, sample, target):
        predictions = functional_call(model, (params, buffers), (sample.unsqueeze(0),))
        return loss_fn(predictions, target.unsqueeze(0))

    ft_compute_grad = grad(compute_loss)
    g = vmap(ft_compute_grad, in_dims=(None, None, 0, 0))(params, buffers, data, targets)
    for a, b in zip(per, g.values()):
        tell(torch.allclose(a, b, atol=3e-3, rtol=1e-5))
    tell(g["fc1.bias"])


def ntk(torch, tell):
    nn = importlib.import_module(".nn", torch.__name__)
    functional_call = importlib.import_module(".func", torch.__name__).functional_call
    vmap = importlib.import_module(".func", torch.__name__).vmap
    vjp = importlib.import_module(".func", torch.__name__).vjp
    jvp = importlib.import_module(".func", torch.__name__).jvp
    jacrev = importlib.import_module(".func", torch.__name__).jacrev
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
    params = {k: v.detach() for k, v in net.named_parameters()}
    x1 = torch.randn(4, 3)
    x2 = torch.randn(2, 3)

    def fnet_single(params, x):
        return functional_call(net, params, (x.unsqueeze(0),)).squeeze(0)

    def empirical_ntk(fnet_single, params, x1, x2, compute="full"):
        jac1 = vmap(jacrev(fnet_single), (None, 0))(params, x1)
        jac1 = [j.flatten(2) for j in jac1.values()]
        jac2 = vmap(jacrev(fnet_single), (None, 0))(params, x2)
        jac2 = [j.flatten(2) for j in jac2.values()]
        e = {"full": "Naf,Mbf->NMab", "trace": "Naf,Maf->NM", "diagonal": "Naf,Maf->NMa"}[compute]
        return torch.stack([torch.einsum(e, j1, j2) for j1, j2 in zip(jac1, jac2)]).sum(0)

    r = empirical_ntk(fnet_single, params, x1, x2)
    tell(r.shape, r[0])

    def ntk_vps(func, params, x1, x2):
        def get_ntk(x1, x2):
            def func_x1(params):
                return func(params, x1)

            def func_x2(params):
                return func(params, x2)

            output, vjp_fn = vjp(func_x1, params)

            def get_ntk_slice(vec):
                vjps = vjp_fn(vec)
                _, jvps = jvp(func_x2, (params,), vjps)
                return jvps

            basis = torch.eye(output.numel()).view(output.numel(), -1)
            return vmap(get_ntk_slice)(basis)

        return vmap(vmap(get_ntk, (None, 0)), (0, None))(x1, x2)

    tell(torch.allclose(ntk_vps(fnet_single, params, x1, x2), r, atol=1e-4))


def maml(torch, tell):
    F = importlib.import_module(".nn.functional", torch.__name__)
    grad = importlib.import_module(".func", torch.__name__).grad
    vmap = importlib.import_module(".func", torch.__name__).vmap
    torch.manual_seed(0)

    def net(x, params):
        x = F.linear(x, params[0], params[1])
        x = F.relu(x)
        return F.linear(x, params[2], params[3])

    params = [
        torch.randn(8, 1).mul(0.3).requires_grad_(),
        torch.zeros(8, requires_grad=True),
        torch.randn(1, 8).mul(0.3).requires_grad_(),
        torch.zeros(1, requires_grad=True),
    ]
    opt = torch.optim.Adam(params, lr=1e-2)
    for it in range(3):
        A = torch.rand(4) * 4 + 0.1
        phi = torch.rand(4) * 3.14
        xs = torch.rand(4, 5, 1) * 10 - 5
        ys = A[:, None, None] * torch.sin(xs + phi[:, None, None])

        def task(x, y):
            def inner(params):
                return ((net(x, params) - y) ** 2).mean()

            gs = grad(inner)(tuple(params))
            new = [p - 0.1 * g for p, g in zip(params, gs)]
            return ((net(x, new) - y) ** 2).mean()

        loss = vmap(task)(xs, ys).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tell(it, loss.item(), params[3])


def hvp_newton(torch, tell):
    grad = importlib.import_module(".func", torch.__name__).grad
    hessian = importlib.import_module(".func", torch.__name__).hessian
    jvp = importlib.import_module(".func", torch.__name__).jvp

    def rosen(x):
        return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()

    x = torch.tensor([-1.2, 1.0, 0.5], dtype=torch.float64)
    for i in range(8):
        g, H = grad(rosen)(x), hessian(rosen)(x)
        x = x - torch.linalg.solve(H, g)
        tell(i, rosen(x).item())
    tell(x)
    p = torch.zeros(3, dtype=torch.float64)
    g = -grad(rosen)(x + 0.1)
    r = g.clone()
    d = r.clone()
    for i in range(3):
        Hd = jvp(grad(rosen), (x + 0.1,), (d,))[1]
        a = r @ r / (d @ Hd)
        p = p + a * d
        rn = r - a * Hd
        d = rn + (rn @ rn) / (r @ r) * d
        r = rn
    tell(p, r.norm() < 1e-6)


def play(torch, tr, tell):
    jacobians_tut(torch, tell)
    per_sample(torch, tell)
    ntk(torch, tell)
    maml(torch, tell)
    hvp_newton(torch, tell)
