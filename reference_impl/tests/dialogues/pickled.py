"""What comes back from pickle and copy: what there is one of stays that one; tensors keep values, layout and requires_grad."""

import copy
import pickle


def play(torch, tr, tell):
    def ways(x):
        return pickle.loads(pickle.dumps(x)), copy.copy(x), copy.deepcopy(x)

    for name in [
        "float32",
        "bfloat16",
        "strided",
        "sparse_coo",
        "channels_last",
        "channels_last_3d",
        "preserve_format",
    ]:
        one = getattr(torch, name)
        tr(lambda one=one: [y is one for y in ways(one)])
    for fact in (torch.Size([2, 3]), torch.device("cpu"), torch.device("cpu", 0)):
        tr(lambda fact=fact: [(y == fact, type(y) is type(fact), y) for y in ways(fact)])

    x = torch.arange(6.0).view(2, 3).t().requires_grad_()
    tr(lambda: [(y.stride(), y.requires_grad, y.is_leaf, y.grad, y) for y in ways(x)])
