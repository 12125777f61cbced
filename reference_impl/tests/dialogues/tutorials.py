"""Programs as the documentation and the tutorials have them."""

import math


def mechanics(torch, tell):
    x = torch.randn(5, requires_grad=True, generator=torch.Generator().manual_seed(1))
    y = x.pow(2)
    tell(x.equal(y.grad_fn._saved_self))
    tell(x is y.grad_fn._saved_self)
    x = torch.ones(5, requires_grad=True)
    y = x.exp()
    tell(y.equal(y.grad_fn._saved_result), y is y.grad_fn._saved_result)
    tell(y.grad_fn, y.grad_fn.next_functions)
    tell(torch.autograd.grad(y.sum(), x))
    tell(x.grad_fn, y.requires_grad, y.is_leaf, x.is_leaf)
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0], requires_grad=True)
    Q = 3 * a**3 - b**2
    external_grad = torch.tensor([1.0, 1.0])
    Q.backward(gradient=external_grad)
    tell(9 * a**2 == a.grad)
    tell(-2 * b == b.grad)
    tell(Q)


def blitz(torch, tell):
    x = torch.ones(5)
    y = torch.zeros(3)
    torch.manual_seed(0)
    w = torch.randn(5, 3, requires_grad=True)
    b = torch.randn(3, requires_grad=True)
    z = torch.matmul(x, w) + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
    tell(f"Gradient function for z = {z.grad_fn}")
    tell(f"Gradient function for loss = {loss.grad_fn}")
    loss.backward()
    tell(w.grad)
    tell(b.grad)
    tell(loss.item(), loss)
    z = torch.matmul(x, w) + b
    tell(z.requires_grad)
    with torch.no_grad():
        z = torch.matmul(x, w) + b
    tell(z.requires_grad)
    z = torch.matmul(x, w) + b
    z_det = z.detach()
    tell(z_det.requires_grad)
    inp = torch.eye(4, 5, requires_grad=True)
    out = (inp + 1).pow(2).t()
    out.backward(torch.ones_like(out), retain_graph=True)
    tell(f"First call\n{inp.grad}")
    out.backward(torch.ones_like(out), retain_graph=True)
    tell(f"\nSecond call\n{inp.grad}")
    inp.grad.zero_()
    out.backward(torch.ones_like(out), retain_graph=True)
    tell(f"\nCall after zeroing gradients\n{inp.grad}")


def polynomial3(torch, tell):
    class Polynomial3(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = torch.nn.Parameter(torch.randn(()))
            self.b = torch.nn.Parameter(torch.randn(()))

        def forward(self, x):
            return self.a + self.b * x

        def string(self):
            return f"y = {self.a.item():.4f} + {self.b.item():.4f} x"

    torch.manual_seed(1)
    m = Polynomial3()
    tell(m, list(m.parameters()), m.string())
    tell(dict(m.named_parameters()))
    opt = torch.optim.SGD(m.parameters(), lr=1e-2, momentum=0.9)
    for i in range(5):
        l = ((m(torch.arange(4.0)) - torch.arange(4.0)) ** 2).sum()
        opt.zero_grad()
        l.backward()
        opt.step()
        tell(i, l.item())
    tell(m.state_dict())
    tell(opt.state_dict())


def wgan(torch, tell):
    nn = torch.nn
    autograd = torch.autograd
    torch.manual_seed(0)
    D = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    opt = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.9))
    for i in range(3):
        real = torch.randn(8, 2)
        fake = torch.randn(8, 2) + 2
        alpha = torch.rand(8, 1)
        inter = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
        out = D(inter)
        g = autograd.grad(
            outputs=out,
            inputs=inter,
            grad_outputs=torch.ones_like(out),
            create_graph=True,
            retain_graph=True,
            only_inputs=True,
        )[0]
        gp = ((g.norm(2, dim=1) - 1) ** 2).mean()
        loss = D(fake).mean() - D(real).mean() + 10 * gp
        opt.zero_grad()
        loss.backward()
        opt.step()
        tell(i, loss, gp.grad_fn)
    tell(D[0].weight.grad[:2])


def implicit(torch, tell):
    class FixedPoint(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, x0):
            x = x0
            for _ in range(50):
                x = 0.5 * (x + a / x)
            ctx.save_for_backward(x)
            return x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g / (2 * x), None

    a = torch.tensor([2.0, 3.0, 5.0], requires_grad=True)
    s = FixedPoint.apply(a, torch.ones(3))
    tell(s)
    s.sum().backward()
    tell(a.grad, 0.5 / a.sqrt())

    def f(x, t):
        return x**3 + t * x - 1

    t = torch.tensor(2.0, requires_grad=True)
    x = torch.tensor(0.5)
    for _ in range(20):
        xx = x.clone().requires_grad_()
        y = f(xx, t.detach())
        (dy,) = torch.autograd.grad(y, xx)
        x = x - (y / dy).detach()
    xx = x.requires_grad_()
    y = f(xx, t)
    dx, dt = torch.autograd.grad(y, (xx, t))
    tell(x, -dt / dx)


def ode(torch, tell):
    k = torch.tensor(1.5, requires_grad=True)
    m = torch.nn.Parameter(torch.tensor(0.7))
    q, p = torch.tensor(1.0), torch.tensor(0.0)
    dt = 0.1
    traj = []
    for _ in range(30):
        p = p - dt * k * q
        q = q + dt * p / m
        traj.append(q)
    t = torch.stack(traj)
    tell(t[:5])
    (t**2).mean().backward()
    tell(k.grad, m.grad, t.grad_fn)


def rnn_hand(torch, tell):
    torch.manual_seed(0)
    Wx = torch.randn(3, 4, requires_grad=True)
    Wh = torch.randn(4, 4, requires_grad=True)
    b = torch.zeros(4, requires_grad=True)
    h = torch.zeros(2, 4)
    for x in torch.randn(6, 2, 3):
        h = torch.tanh(x @ Wx + h @ Wh + b)
    h.sum().backward()
    tell(b.grad, Wx.grad)
    tell(Wh.grad.norm())
    h = torch.zeros(2, 4)
    hs = []
    for i, x in enumerate(torch.randn(6, 2, 3)):
        h = torch.tanh(x @ Wx + h @ Wh + b)
        if i % 2 == 1:
            h = h.detach()
        hs.append(h)
    tell([x.requires_grad for x in hs])


def attention_hand(torch, tell):
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 4, 5, 8, requires_grad=True) for _ in range(3))
    s = q @ k.transpose(-2, -1) / math.sqrt(8)
    mask = torch.tril(torch.ones(5, 5)).bool()
    s = s.masked_fill(~mask, float("-inf"))
    p = s.softmax(-1)
    o = (p @ v).transpose(1, 2).reshape(2, 5, 32)
    tell(o.shape, o.grad_fn, p[0, 0])
    o.square().mean().backward()
    tell(q.grad[0, 0], k.grad.norm(), v.grad.sum())
    o2 = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(2, 5, 32)
    tell(torch.allclose(o, o2, atol=1e-6))


def play(torch, tr, tell):
    mechanics(torch, tell)
    blitz(torch, tell)
    polynomial3(torch, tell)
    wgan(torch, tell)
    implicit(torch, tell)
    ode(torch, tell)
    rnn_hand(torch, tell)
    attention_hand(torch, tell)
