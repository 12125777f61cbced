"""What a row of an operator table is: the kinds of operator, and the contract between a row and the machinery.

A row says what an operator computes (a *kernel* on numpy arrays) and its derivative (*formulas*); compiler/ makes
from it a function specialised to that operator, its Node class, its in-place form and its rule for forward mode.

    mul = elementwise("mul(self, other)", np.multiply, self=lambda other: other, other=lambda self: self)

Signature.  `name(inputs, params) -> outputs`, as torch spells it; torch's `input` is written `self`.
  - An argument with a formula (or listed in `wrt=`) is a differentiable input and must be a Tensor; the others are
    params. `x=1` gives a default, a lone `*` starts keyword-only params. `x=None` makes an input optional.
  - `tensors*` is a sequence of Tensors; its formula returns a list.
  - `x: nondiff` is a param that may hold Tensors (a condition, indices): kernel and formulas get arrays (Tensors when
    the formula runs on Tensors).
  - Outputs: default `-> result`. Several: `-> (U, S, Vh)`. `indices: nondiff` is returned but has no gradient;
    `mask: aux` is not returned, only kept for formulas; it is a constant to a second derivative (a dropout mask,
    pooling indices). What depends smoothly on the inputs is computed again in the formula. Forward mode of a row with
    aux needs a `jvp=`.
  - The names of arguments are names in the compiled text, which has some of its own: `taken` (signature.py) says which.

Formulas.  A function whose parameters are *what it needs*, and so what the node keeps: nothing else is saved, and
only for those inputs that require gradients. Names a formula may ask for:
  - `g`, the cotangent (`g_U`, `g_S`... where there are several outputs; None when undefined);
  - inputs and params by name; outputs by name (`result`); aux values by name;
  - `x_shape`, `x_dtype` of an input x: keeps that fact only; `needs_x`: whether x requires a gradient (joint vjp).
  A formula uses operators (`+ * @ [] <`) and other rows only, and of arrays nothing but `.shape` and `.ndim`: no method,
  no numpy, no test of a type. The one text runs on arrays (the fast path) and on Tensors (create_graph, forward mode).
  Helper functions of the tables are part of the formula (tests/test_contract.py holds all of them to this). numpy
  belongs into kernels; what a formula needs and no public operator offers is a row of its own with `public=False`.

Kinds.  Below, t is a tangent and conj() is free for reals; sums over broadcast dimensions and the projection onto the
input's dtype (real part, cast) happen outside the formula, at the node's edge.
  - elementwise   formula = local partial p.    vjp: g * conj(p)     jvp: sum of t * p
                  One that takes `g` gives the whole term instead (add: `lambda g: g`); it must be linear in g.
  - masked        formula = boolean partial m.  vjp: g where m else 0 (so that nan * 0 cannot arise)   jvp: the same
                  m may have the dtype of the result: g where it is not 0. It must never be -0 then.
  - linear, view  formula = the adjoint, takes `g`.   jvp: the operator itself on t. A view shares its input's memory.
  - bilinear      formula = the adjoint in that input, takes `g`.   jvp: op(t_a, b) + op(a, t_b)
  - general       formulas, or one joint `vjp=` for the inputs in `wrt=` returning a tuple in that order (None for no
                  gradient), and `jvp=`, a function that may also ask for tangents `x_t` (None where x has none) and
                  returns the tangents of the differentiable outputs.
  A formula that takes `g` conjugates for itself: `g / conj(other)`, `matmul(g, mH(other))`.
  Any kind may have a `jvp=` of its own, if only to say that torch has none (structure.no_tangent).

Broadcasting kinds (elementwise, masked): every argument without default or mark is an operand, with or without a formula
(comparisons have none). Operands may be numbers, promote as torch does, and broadcast. `integers="float"` computes
integers in the default dtype. `overloads={"Tn": row}` uses another row where the operands are a Tensor and a number,
`overloads={"defaults": row}` one without the keyword params while those have their default values (add without alpha);
`scalar_overload=True` says that the number is then no input of the node (x ** 2 has one edge, x + 2 has two);
`numbers="right"` takes a number as the last operand only, `numbers="none"` nowhere, `numbers="all"` even in both places.

`grad_fn=` names the node where it is not <Name>Backward0: a string, or an expression over the params with several such
names (`"SumBackward0 if dim is None else SumBackward1"`); a dict gives one for each pattern. `saved_as=` renames saved
values to torch's `_saved_*` ("" hides one). A shape is shown only where torch keeps it too (`saved_as=SIZES`).
`shows={"start": lambda index: index[-1].start}` says what torch keeps and this node can tell from what it saved (tensors as
arrays). `keeps="self dim"` names what torch's node keeps though no formula here reads it, `keeps={"src": "dim"}`
for the gradient of one input: it is shown, and a write to such a tensor forbids backward, as in torch. `edges="TTn"` are
the edges of torch's node, where one leads nowhere ("n") for what is no operand here.
Where a formula is constant but for kinks, `linked="self"` (or "result", or several) lets the gradient, if it is
recorded, depend on that tensor as in torch: as 0; that of a joint `vjp=`, without a gradient of its own. Where torch
has an operator for the derivative, `backward=` is its row: a recorded backward calls it with the cotangent and what
the formula asks for, in that order, so that the gradient's node is torch's (activation_derivatives.py). `steps=` is the
function on Tensors that formulas call for this row, where torch records several operators there, or none.

`former=True` lets the keywords stand before the operands, as they once did (graph/former.py).

Dtypes.  Half precision (float16, bfloat16) is computed in float32 and rounded once, around kernel and formulas; a kernel
that moves data, or rounds once itself, says `half_ready=True`. `refuses="complex integers bool half"` (any of these;
integers include bool) raises as torch does where it has no such kernel; with "filled" only where there is something to
compute. `check=` is a function of the operands, called before they are brought to one dtype, wherever they are not all
floats of one.

Names.  A table in ops/ is found by being there (ops/registry.py); a row says itself under which names it appears:
  - `modules="torch nn.functional"`: where the function stands (default "torch"; `linalg_svd` in "linalg" is
    torch.linalg.svd). What stands in torch is a method too, unless `method=False`; `method="property"` makes it x.real.
  - `aliases=("multiply",)`, `dunder="__mul__ __rmul__"`, `inplace=`: x.mul_ and, with a dunder, `x *= y`.
  - `public=False`: only for formulas and in-place forms.
  - A Python function that chooses between rows takes the decorator `@composite(...)` with the same options; it hides a
    row of its name.

What an operator cannot do raises `Unsupported("<operator>: <case>")` (reference_impl/errors.py), from kernel or composite.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from .signature import GLOBALS, Arg, Formula, names_of, parse, taken


@dataclass(eq=False)
class Row:
    """One operator. `function` is the compiled operator, `offered` torch's function, `kernel` what it computes on arrays."""

    kind: str
    signature: str
    kernel: Callable[..., Any]
    formulas: dict[str, Formula] = field(default_factory=dict)
    vjp: Formula | None = None
    wrt: tuple[str, ...] = ()
    jvp: Formula | None = None
    grad_fn: str | dict[str, str] = ""
    integers: str = "keep"  # or "float"
    refuses: str = ""
    check: Callable[..., None] | None = None
    linked: str = ""  # of a gradient that is locally constant: the saved tensor that it depends on in torch, as 0
    backward: Row | None = None
    steps: Callable[..., Any] | None = None
    saved_as: dict[str, str] = field(default_factory=dict)
    shows: dict[str, Formula] = field(default_factory=dict)
    keeps: str | dict[str, str] = ""
    edges: str = ""
    aliases: tuple[str, ...] = ()
    public: bool = True
    modules: str = "torch"
    method: bool | str | None = None  # None: a method if in torch; "property"
    dunder: str = ""
    inplace: bool | None = None  # None: the public broadcasting kinds have one
    scalar_overload: bool = False
    numbers: str = "any"  # "right", "none", "all"
    former: bool = False  # also called as it once was: with its keywords before the operands
    half_ready: bool = False  # the kernel takes float16 and bfloat16 as they are (it moves data, or rounds once)
    overloads: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.signature.partition("(")[0]
        if self.inplace is None:
            self.inplace = self.broadcasts and self.public
        stem = "".join(part.capitalize() for part in self.name.strip("_").split("_"))
        self.grad_fn = self.grad_fn or f"{stem}Backward0"
        if self.method is None:
            self.method = self.public and "torch" in self.modules.split()

    # The signature is read when the row compiles, so that importing a table costs little.

    @cached_property
    def args(self) -> tuple[Arg, ...]:
        return parse(self.signature)[1]

    @cached_property
    def outputs(self) -> tuple[tuple[str, str], ...]:
        return parse(self.signature)[2]

    @cached_property
    def inputs(self) -> tuple[Arg, ...]:
        """The arguments that may have a gradient, and all operands of a kind that broadcasts."""
        found = tuple(a for a in self.args if a.name in self.formulas or a.name in self.wrt or self.is_operand(a))
        self.check_names([a.name for a in found])
        return found

    @cached_property
    def params(self) -> tuple[Arg, ...]:
        return tuple(a for a in self.args if a not in self.inputs)

    def is_operand(self, a: Arg) -> bool:
        return self.broadcasts and not a.nondiff and not a.keyword_only and a.default is inspect.Parameter.empty

    def check_names(self, inputs: list[str]) -> None:
        """Whether the compiled text can use the names of the arguments, and has those that the formulas ask for."""
        arguments, outputs = [a.name for a in self.args], [o for o, _ in self.outputs]
        clashes = [n for n in arguments if taken(n)] + [self.name] * (self.name in GLOBALS)
        if clashes:
            raise TypeError(f"{self.name}: the compiled operator has another use for the name {clashes[0]!r}")
        asked = {n for x in inputs for n in self.saved_for(x)} | {*self.linked.split()}
        if unknown := asked.difference(arguments, outputs, ("g",)):
            unknown -= {f"g_{o}" for o in outputs}
            unknown -= {p for x in inputs for p in (f"{x}_shape", f"{x}_dtype", f"needs_{x}")}
        if unknown:
            raise TypeError(f"{self.name}: a formula asks for {sorted(unknown)}, which this row does not offer")

    @cached_property
    def refused(self) -> str:
        """The numpy characters of the dtypes that torch has no kernel for."""
        return "".join(CHARACTERS[word] for word in self.refuses.split())

    def saved_for(self, name: str) -> list[str]:
        """What the gradient of this input needs, and what is saved with it."""
        f = self.vjp or self.formulas.get(name)
        kept = self.keeps if isinstance(self.keeps, str) else self.keeps.get(name, "")
        return [*names_of(f), *kept.split()] if f is not None else []

    def kept_as(self, name: str) -> str:
        """What a node calls this value that it saved: torch's name, where it shows it under another."""
        return self.saved_as.get(name) or name

    @property
    def operands(self) -> list[str]:
        return [a.name for a in self.inputs]

    @property
    def broadcasts(self) -> bool:
        return self.kind in ("elementwise", "masked")

    @cached_property
    def function(self) -> Callable[..., Any]:
        from ..compiler import compile_row

        return compile_row(self)

    @cached_property
    def offered(self) -> Callable[..., Any]:
        from ..compiler.faces import row_face

        return row_face(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


SIZES = {"self_shape": "self_sym_sizes"}  # for saved_as=
CHARACTERS = {"complex": "FD", "bool": "?", "integers": "?bBhHiIlLqQ", "half": "eE", "filled": ""}
OPTIONS = {f.name for f in fields(Row)} - {"kind", "signature", "kernel", "formulas"}


def kind(name: str) -> Callable[..., Row]:
    """What makes rows of one kind. Its keywords are fields of Row; any other is the formula of the input of that name."""

    def row(signature: str, kernel: Callable[..., Any], **given: Any) -> Row:
        options = {k: v for k, v in given.items() if k in OPTIONS}
        formulas = {k: v for k, v in given.items() if k not in OPTIONS}
        if "wrt" in options:
            options["wrt"] = tuple(options["wrt"].split())
        return Row(name, signature, kernel, formulas, **options)

    row.__name__ = name
    return row


elementwise, masked, linear, view, bilinear, general = map(
    kind, ("elementwise", "masked", "linear", "view", "bilinear", "general")
)


@dataclass(frozen=True)
class Names:
    """Under which names a composite appears; as the fields of Row."""

    name: str
    aliases: tuple[str, ...]
    modules: str
    method: bool | str
    dunder: str
    inplace: bool
    out: bool


def composite(
    name: str = "",
    *,
    aliases: tuple[str, ...] = (),
    modules: str = "torch",
    method: bool | str | None = None,
    dunder: str = "",
    inplace: bool = False,
    out: bool = False,
) -> Callable[[Formula], Formula]:
    """Publish a Python function on Tensors that chooses between rows; with `out`, the functions take out=."""

    def mark(f: Formula) -> Formula:
        own, in_class = name or f.__name__.strip("_"), "torch" in modules.split() if method is None else method
        f.names = Names(own, aliases, modules, in_class, dunder, inplace, out)  # type: ignore[attr-defined]
        return f

    return mark
