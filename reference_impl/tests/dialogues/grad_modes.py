"""The switches of recording as they are written: by position, by name, as contexts, as decorators."""


def play(torch, tr, tell):
    def state():
        return torch.is_grad_enabled(), torch.is_inference_mode_enabled()

    for make in (
        lambda: torch.set_grad_enabled(mode=False),
        lambda: torch.set_grad_enabled(False),
        lambda: torch.autograd.grad_mode.set_grad_enabled(mode=True),
        lambda: torch.inference_mode(mode=True),
        lambda: torch.inference_mode(mode=False),
        lambda: torch.no_grad(),
    ):

        def inside(make=make):
            with make() as given:
                return given, state()

        tr(inside)
        tr(state)
        tr(lambda make=make: (make()(state)(), state()))

    def switched():
        before = state()
        context = torch.set_grad_enabled(mode=False)
        after = state()
        with context:
            within = state()
        return before, after, within, state()

    tr(switched)
    tr(lambda: torch.set_grad_enabled(mode=1))
    tr(lambda: torch.set_grad_enabled())
    tr(state)

    def entered(context):
        with context:
            return state()

    for make in (torch.no_grad, torch.enable_grad, torch.inference_mode):
        for given in (0, "a", 3.5):
            tr(lambda m=make, x=given: entered(m(x)))
    for given in ((1,), ("a",), (None,), (True, 3), (False, None)):
        tr(lambda x=given: torch.autograd.set_detect_anomaly(*x))
        tell(torch.is_anomaly_enabled())
    tr(lambda: entered(torch.autograd.detect_anomaly("a")))
    tr(state)
