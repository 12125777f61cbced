"""A user's operators as objects of torch.ops, and where selective checkpoints meet them."""

import functools
import importlib


def play(torch, tr, tell):
    C = importlib.import_module(torch.__name__ + ".utils.checkpoint")
    library, x = torch.library, torch.tensor([0.5, 1.0], requires_grad=True)

    def scaled_sine(x, k=2):
        return x.sin() * k, 3

    scaled_sine.__annotations__ = {"x": torch.Tensor, "k": int, "return": tuple[torch.Tensor, int]}
    defined = library.custom_op("dialogue::scaled_sine", mutates_args=())(scaled_sine)
    packet = torch.ops.dialogue.scaled_sine
    overload = packet.default

    def keep(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])
        ctx.k = inputs[1]

    def backward(ctx, g, _):
        (x,) = ctx.saved_tensors
        return g * x.cos() * ctx.k, None

    library.register_autograd(overload, backward, setup_context=keep)
    for f in (defined, packet, overload):
        tr(lambda f=f: f(x))
        tr(lambda f=f: f(x.detach(), k=3))
        tr(lambda f=f: torch.autograd.grad(f(x)[0].sum(), x))
        tr(lambda f=f: (type(f).__name__, repr(f), hash(f) == hash(f)))
    tell(str(packet), str(overload), overload.name(), packet.__name__, overload.__name__)
    tell(packet is torch.ops.dialogue.scaled_sine, overload is packet.default, overload.overloadpacket is packet)
    tr(lambda: packet.other)
    tr(lambda: torch.ops.dialogue.nothing)
    tell(hasattr(torch.ops.dialogue, "nothing"))

    def program(x):
        return (packet(x)[0] * x.sin().exp()).sin()

    def checkpointed(save):
        asked = []

        def policy(ctx, op, *args, **kwargs):
            asked.append((str(op), ctx.is_recompute))
            return C.CheckpointPolicy.MUST_SAVE if save else C.CheckpointPolicy.PREFER_RECOMPUTE

        chosen = [overload] if save is None else policy
        contexts = functools.partial(C.create_selective_checkpoint_contexts, chosen)
        out = C.checkpoint(program, x, use_reentrant=False, context_fn=contexts)
        return torch.autograd.grad(out.sum(), x), asked

    for save in (None, True, False):
        tr(lambda save=save: checkpointed(save))
