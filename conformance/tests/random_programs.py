"""Random small autograd programs, as the YAML of a case: leaves, pointwise operators, broadcasting, reductions, views,
in-place writes, detach, no_grad. hypothesis shrinks them, so that what fails is a case of a few lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

_SHAPES = [(), (3,), (2, 3), (1, 3), (2, 1), (0,), (2, 3, 1)]
_VALUES = st.sampled_from([-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0])
_UNARY = [
    "sin({})",
    "tanh({})",
    "exp({})",
    "relu({})",
    "-{}",
    "abs({})",
    "{} * 2",
    "3 - {}",
    "{} ** 2",
    "1 / {}",
    "sigmoid({})",
]
_BINARY = ["{} + {}", "{} * {}", "{} - {}", "maximum({}, {})", "where({0} > 0, {0}, {1})", "{} / ({} + 4)"]
_INPLACE = ["{}.mul_(2)", "{}.add_(1)", "{}.sin_()", "{}.zero_()", "{}.relu_()", "{}.neg_()"]
_INPLACE_BINARY = ["{}.add_({})", "{}.mul_({})", "{}.sub_({}, alpha=2)", "{}.copy_({})"]


@dataclass
class _Program:
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def bind(self, expression: str, shape: tuple[int, ...]) -> None:
        name = f"v{len(self.shapes)}"
        self.shapes[name] = shape
        self.steps.append(f"  - let: {{{name}: '{expression}'}}")


def _nested(values: list[float], shape: tuple[int, ...]) -> str:
    return str(np.array(values, dtype=float).reshape(shape).tolist())


def _views(name: str, shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """The views of a variable with the shapes that they have."""
    made = [
        (f"{name}.unsqueeze(0)", (1, *shape)),
        (f"{name}.reshape(-1)", (int(np.prod(shape)),)),
        (f"{name}.detach()", shape),
    ]
    made += [(f"{name}.expand(2, *{name}.shape)", (2, *shape))]
    if shape:
        made += [(f"{name}[..., :1]", (*shape[:-1], min(1, shape[-1]))), (f"{name}.transpose(0, -1)", _swapped(shape))]
    if shape and shape[0] > 0:
        made += [(f"{name}[0]", shape[1:]), (f"{name}[-1:]", (1, *shape[1:])), (f"{name}.select(0, 0)", shape[1:])]
    return made


def _swapped(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[-1], *shape[1:-1], shape[0]) if len(shape) > 1 else shape


def _reductions(name: str, shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    made: list[tuple[str, tuple[int, ...]]] = [(f"{name}.sum()", ())]
    if shape:
        made += [(f"{name}.sum(0)", shape[1:]), (f"{name}.sum(-1, keepdim=True)", (*shape[:-1], 1))]
        if shape[-1] > 0:
            made += [(f"{name}.mean(-1)", shape[:-1])]
    return made


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The YAML of a file with one case that ends in a backward and looks at everything."""
    program = _Program()
    for _ in range(draw(st.integers(1, 3))):
        shape = draw(st.sampled_from(_SHAPES))
        size = int(np.prod(shape))
        values = draw(st.lists(_VALUES, min_size=size, max_size=size))
        name = f"v{len(program.shapes)}"
        kind = draw(st.sampled_from(["leaf", "leaf", "const"]))
        dtype = draw(st.sampled_from(["float64", "float64", "float32"]))
        program.shapes[name] = shape
        program.given.append(f"    {name}: {{{kind}: {_nested(values, shape)}, dtype: {dtype}}}")
    for _ in range(draw(st.integers(1, 6))):
        _step(draw, program)
    root = draw(st.sampled_from(sorted(program.shapes)))
    observed = [f"{name}{part}" for name in program.shapes for part in ("", ".is_leaf", "._version", ".grad_fn")]
    leaves = [f"v{i}.grad" for i in range(len(program.given))]
    lines = [
        "about: A random program.",
        "source: none",
        "cases:",
        "- case: random",
        "  says: The engines agree.",
        "  given:",
    ]
    lines += [*program.given, "  steps:", *program.steps, f"  - backward: '({root} * {root}).sum()'"]
    lines += [f"  - observe: [{', '.join(leaves + observed)}]"]
    return "\n".join(lines) + "\n"


def _step(draw: st.DrawFn, program: _Program) -> None:
    name = draw(st.sampled_from(sorted(program.shapes)))
    shape = program.shapes[name]
    kind = draw(st.sampled_from(["unary", "binary", "view", "reduce", "inplace", "inplace binary", "item", "no grad"]))
    others = [n for n, s in program.shapes.items() if _broadcast(shape, s) is not None]
    other = draw(st.sampled_from(others))
    if kind == "unary":
        program.bind(draw(st.sampled_from(_UNARY)).format(name), shape)
    elif kind == "binary":
        together = _broadcast(shape, program.shapes[other])
        assert together is not None
        program.bind(draw(st.sampled_from(_BINARY)).format(name, other), together)
    elif kind == "view":
        program.bind(*draw(st.sampled_from(_views(name, shape))))
    elif kind == "reduce":
        program.bind(*draw(st.sampled_from(_reductions(name, shape))))
    elif kind == "inplace":
        program.steps.append(f"  - run: {draw(st.sampled_from(_INPLACE)).format(name)}")
    elif kind == "inplace binary":
        program.steps.append(f"  - run: '{draw(st.sampled_from(_INPLACE_BINARY)).format(name, other)}'")
    elif kind == "item" and shape and shape[0] > 0:
        program.steps.append(f"  - set: {{'{name}[0]': '{draw(st.sampled_from(['2.', f'{name}[0] * 3']))}'}}")
    elif kind == "no grad":
        program.steps.append(f"  - with: no_grad()\n    do:\n    - run: {draw(st.sampled_from(_INPLACE)).format(name)}")


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None
