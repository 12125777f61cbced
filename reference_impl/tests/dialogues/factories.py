"""Factories and random numbers."""


def play(torch, tr, tell):
    x = torch.ones(2, 3).t()
    for s in [
        "tensor([1,2.])",
        "tensor([[1,2],[3]])",
        "tensor([1,[2]])",
        "tensor('a')",
        "tensor([None])",
        "tensor(x)",
        "tensor([True])",
        "tensor([])",
        "tensor(3+1j)",
        "tensor(3,dtype=torch.float64,requires_grad=True)",
        "tensor(3,requires_grad=True)",
        "zeros(2,3)",
        "zeros((2,3))",
        "zeros([2])",
        "zeros()",
        "zeros(2,dtype=torch.int64)",
        "ones(2.)",
        "zeros(-1)",
        "zeros_like(x).stride()",
        "ones_like(x,dtype=torch.float64)",
        "full((2,),3)",
        "full((2,),3.)",
        "full((),True)",
        "full_like(x,2).stride()",
        "arange(5)",
        "arange(1,5)",
        "arange(1,2,0.25)",
        "arange(5.)",
        "arange(0,1,0.1)",
        "arange(5,1)",
        "arange(1,2,0)",
        "arange(5,1,-2)",
        "linspace(0,1,5)",
        "linspace(0,1,1)",
        "linspace(-3,3,7,dtype=torch.float64)",
        "linspace(0,1,steps=11)",
        "logspace(0,2,3)",
        "logspace(4.3,2,4,dtype=torch.int32)",
        "logspace(0,1.9,4,base=5,dtype=torch.int64)",
        "eye(2)",
        "eye(2,3)",
        "empty_strided((2,3),(1,2)).stride()",
        "tril_indices(3,3)",
        "from_numpy(np.arange(3.))",
        "as_tensor([1,2])",
        "as_tensor(x) is x",
        "FloatTensor([1,2])",
        "LongTensor([1,2])",
        "tensor([1.,2.]).new_zeros(2,2)",
        "tensor([1.,2.]).new_tensor([1,2])",
        "tensor([1,2]).new_full((2,),7)",
        "rand(2,3).shape",
        "randn(()).shape",
        "randn(2,dtype=torch.complex64).dtype",
        "randint(3,(4,)).shape",
        "randint(1,3,(4,)).dtype",
        "randperm(4).sort()[0]",
        "bernoulli(torch.tensor([0.,1.]))",
        "normal(0.,1.,(2,)).shape",
        "empty(0).shape",
        "ones(2,out=torch.empty(2))",
        "get_rng_state().dtype",
        "initial_seed() is not None",
        "manual_seed(3).initial_seed()",
        "tensor(np.float64(2.)).dtype",
        "tensor([np.float32(1.5)]).dtype",
        "tensor(np.array([1,2],dtype=np.int32))",
        "tensor(2**40)",
        "tensor(1e300)",
        "tensor([1,2.5,True])",
        "zeros(size=(2,))",
        "zeros(torch.Size([2]))",
        "scalar_tensor(2.)",
        "empty_like(x).stride()",
        "complex(torch.tensor(1.),torch.tensor(2.))",
        "is_tensor(3)",
        "randint(3,(2,)).max()<3",
        "rand(3,generator=torch.Generator()).shape",
        "tensor([1.,2.]).normal_().shape",
        "tensor([1.]).uniform_(2,3)>=2",
        "from_numpy([1])",
        "tensor([torch.tensor(1.),2])",
        "is_floating_point(x)",
    ]:
        tell(s)
        tr(lambda: eval("torch." + s))
    st = torch.get_rng_state()
    a = torch.rand(3)
    torch.set_rng_state(st)
    tell((a == torch.rand(3)).all())
    torch.manual_seed(1)
    a = torch.randn(3)
    torch.manual_seed(1)
    tell((a == torch.randn(3)).all())

    # sizes, numbers and devices that cannot be
    for make in (torch.zeros, torch.ones, torch.empty, torch.rand, torch.randn, torch.eye, torch.randperm):
        tr(lambda make=make: make(-1))
    tr(lambda: torch.ones(2, -1))
    tr(lambda: torch.full((-1,), 1.0))
    tr(lambda: torch.randint(3, (2, -1)))
    for kind in (int, float, complex, bool):
        tr(lambda kind=kind: kind(torch.ones(2, 3)))
        tr(lambda kind=kind: kind(torch.ones(0)))
        tr(lambda kind=kind: kind(torch.ones(1, 1)))
    tr(lambda: torch.device("nope"))

    # sizes, bounds and counts are whole numbers, or what stands for them
    import numpy as np

    two, real = torch.tensor(2), torch.tensor(2.0)
    for sizes in ((two, 3), (real, 3), (3, real), (3.0, two), (np.int64(2), np.array(3)), (np.float64(2), 3), (2, "a")):
        tr(lambda sizes=sizes: (torch.ones(sizes).shape, torch.ones(*sizes).shape))
    for size in (two, real, torch.tensor([2, 3]), None):
        tr(lambda size=size: torch.ones(size).shape)
    for end in (None, "a", real, two):
        tr(lambda end=end: torch.arange(end))
    make = {"pin_memory": False, "layout": torch.strided, "device": "cpu"}
    tr(
        lambda: (
            torch.eye(2, **make),
            torch.arange(2, **make),
            torch.linspace(0, 1, 2, **make),
            torch.scalar_tensor(2, **make),
        )
    )
    tr(
        lambda: (
            torch.full((2,), 1.0, **make),
            torch.logspace(0, 1, 2, **make),
            torch.empty_strided((2,), (1,), **make).shape,
        )
    )
    tr(lambda: (torch.tril_indices(2, 2, **make), torch.full_like(real, 1.0, **make)))
    for value in ("a", [1], torch.ones(1)):
        tr(lambda value=value: torch.scalar_tensor(value))
    tr(lambda: (torch.Tensor(2, 3, device="cpu").shape, torch.Tensor(size=(2,)).shape, real.new(size=(2,)).shape))
    tr(lambda: (torch.FloatTensor([1, 2], device="cpu"), torch.LongTensor(2, device="cpu").shape, torch.Tensor(2, 2.5)))

    for name in ("cpu", "cpu:0", "cpu:1", "cpu:-1", "cpu:01", "cpu:", "cpu:1 ", "", "other", -1, 1):
        tr(lambda name=name: (torch.device(name), torch.device(name).type, torch.device(name).index))
    for args in (("cpu", 1), ("cpu", -1), ("cpu:1", 2)):
        tr(lambda args=args: torch.device(*args))
    tr(lambda: torch.device(type="cpu", index=0))
    with torch.device("cpu"):
        tell(torch.ones(2).device)
