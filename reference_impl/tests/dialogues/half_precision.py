"""Half precision under create_graph: gradients that are None, lists, or scaled by a bool."""


def play(torch, tr, tell):
    F = torch.nn.functional
    for dtype in (torch.float16, torch.bfloat16):
        tell(F.rms_norm(torch.tensor([0.5, 1.0, -2.0], dtype=dtype) / 64, (3,)))  # eps is that of float32
        x = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], dtype=dtype, requires_grad=True)
        y = torch.tensor([[1.0, 2.0, -1.0], [0.5, -0.5, 4.0]], dtype=dtype, requires_grad=True)
        image, weight = x.detach().reshape(1, 1, 2, 3).requires_grad_(), y.detach()[None, None, :, :2].requires_grad_()
        functions = {
            "hstack": (lambda: torch.hstack([x * 2, y, x]), (x, y)),
            "stack": (lambda: torch.stack([x, y]), (x, y)),
            "gradient": (lambda: torch.gradient(x)[0], (x,)),
            "no slope": (lambda: torch.linalg.vector_norm(x, 0), (x,)),
            "by a bool": (lambda: x * True, (x,)),
            "addr": (lambda: torch.addr(x, x[:, 0], y[0], beta=0.5, alpha=0.25), (x, y)),
            "conv2d": (lambda: F.conv2d(image, weight), (image, weight)),
            "conv2d of a constant": (lambda: F.conv2d(image.detach(), weight), (weight,)),
            "conv_transpose2d": (lambda: F.conv_transpose2d(image, weight.detach()), (image,)),
            "batch_norm": (lambda: F.batch_norm(x, None, None, training=True), (x,)),
        }
        for name, (f, inputs) in functions.items():

            def first(f=f, inputs=inputs):
                out = f()
                return torch.autograd.grad(out, inputs, out.detach() ** 2, create_graph=True)

            tr(lambda name=name, first=first: [name, *(g.detach() for g in first())])
        rows, columns = (torch.tensor([0.3, 0.7, -1.1, 2.3], dtype=dtype) * k for k in (1, 0.9))
        tell(torch.addr(rows, rows, columns, beta=0.6, alpha=0.2).tolist())  # rounded at each step
        (g,) = torch.autograd.grad(torch.stack([x**3, y]).sum(), x, create_graph=True)
        tell(torch.autograd.grad(g.sum(), x))
