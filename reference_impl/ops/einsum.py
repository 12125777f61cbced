"""einsum: sums of products by labelled dimensions, in torch's steps; so the nodes are torch's too.

HOWTO. Operands are aligned to one dimension for every label; pairs of them go through one batched product of matrices.
"""

from __future__ import annotations

import math
from functools import lru_cache
from string import ascii_letters
from typing import Any

from ..errors import type_name
from ..tensor import Tensor
from . import products, reduce, shape
from .form import composite
from .shaping import reshape


@composite(method=False)
def einsum(equation: Any, *operands: Any) -> Tensor:
    """Sums of products by labelled dimensions (source: torch.einsum)."""
    if not operands:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    if not isinstance(equation, str | Tensor):
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {type_name(equation)}")
    if not isinstance(equation, str):
        equation, operands = spelled_by_lists(equation, operands)
    if len(operands) == 1 and isinstance(operands[0], tuple | list):
        return einsum(equation, *operands[0])
    for k, x in enumerate(operands):
        if not isinstance(x, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 1, but got {type_name(x)}")
    tensors = list(operands)
    inputs, output = parse(equation, tuple([t.ndim for t in tensors]))
    order = [*output, *sorted(set("".join(inputs)) - set(output), key=label_rank)]
    sizes = label_sizes(inputs, tensors)
    aligned = [align(t, labels, order) for t, labels in zip(tensors, inputs, strict=True)]
    summed = [d for d, label in enumerate(order) if label not in output]
    result = aligned[0]
    if len(aligned) == 1:
        result = reduce.sum(result, tuple(summed)) if summed else result
        return result
    for k, other in enumerate(aligned[1:], 1):
        later = aligned[k + 1 :]
        now = [d for d in summed if all(t.shape[d] == 1 for t in later)]
        now = [d for d in now if sizes[order[d]] != 1 or k == len(aligned) - 1]
        result = sum_of_products(result, other, [d for d in now if not gone(result, other, d)])
    return reshape(result, result.shape[: len(output)]) if summed else result


def gone(x: Tensor, y: Tensor, d: int) -> bool:
    return x.shape[d] == 1 == y.shape[d]


def label_rank(label: str) -> tuple:
    return (ascii_letters.index(label) if label in ascii_letters else -1, label)


def spelled_by_lists(first: Tensor, rest: tuple) -> tuple[str, list]:
    """einsum(A, [0, 1], B, [1, 2], [0, 2])."""
    items = [first, *rest]
    pairs, out = len(items) // 2, items[-1] if len(items) % 2 else None

    def word(labels: Any) -> str:
        if not all(k is Ellipsis or 0 <= k < 52 for k in labels):
            raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
        return "".join(
            "..." if k is Ellipsis else ascii_letters[26:][k] if k < 26 else ascii_letters[k - 26] for k in labels
        )

    text = ",".join(word(items[2 * i + 1]) for i in range(pairs))
    return text + (f"->{word(out)}" if out is not None else ""), items[: 2 * pairs : 2]


def labels_of(word: str, start: int, place: str, again: str, ellipsis: str) -> str:
    """A word without its spaces. start: where it starts in the equation. The rest: torch's words for what is wrong."""
    found, k = "", 0
    while k < len(word):
        if word[k] == ".":
            if "." in found:
                raise RuntimeError(f"einsum(): found '.' for {place} {again}")
            if not word.startswith("...", k):
                raise RuntimeError(f"einsum(): found '.' for {place} that is not part of any {ellipsis}")
            found, k = found + "..", k + 2
        elif word[k] not in ascii_letters + " ":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {start + k} in the equation string, subscripts must be in "
                "[a-zA-Z]"
            )
        found, k = found + word[k].strip(), k + 1
    return found


@lru_cache(1000)
def parse(equation: str, ranks: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """The labels of each operand and of the result; an ellipsis becomes digits, counted from the right."""
    left, arrow, right = equation.partition("->")
    words, start = [], 0
    for i, word in enumerate(left.split(",")):
        words.append(labels_of(word, start, f"operand {i}", "for which an ellipsis was already found", "ellipsis"))
        start += len(word) + 1
    if len(words) < len(ranks):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    if len(words) > len(ranks):
        raise RuntimeError("einsum(): fewer operands were provided than specified in the equation")
    spare = []
    for i, (w, rank) in enumerate(zip(words, ranks, strict=True)):
        named = len(w.replace("...", ""))
        if ("..." not in w and named != rank) or named > rank:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) "
                f"{'is more than' if '...' in w else 'does not match'} the number of dimensions ({rank}) for operand "
                f"{i}" + ("" if "..." in w else " and no ellipsis was given")
            )
        spare.append(rank - named)
    widest = max((s for s, w in zip(spare, words, strict=True) if "..." in w), default=0)
    digits = "".join(chr(0x2460 + k) for k in range(widest))
    inputs = [w.replace("...", digits[widest - s :] if s else "") for s, w in zip(spare, words, strict=True)]
    if arrow:
        output = labels_of(right, start + 1, "output", "but an ellipsis (...) was already found", "ellipsis (...)")
        output = output.replace("...", digits)
        for label in output:
            if output.count(label) > 1:
                raise RuntimeError(f"einsum(): output subscript {label} appears more than once in the output")
            if label not in "".join(inputs):
                raise RuntimeError(
                    f"einsum(): output subscript {label} does not appear in the equation for any input operand"
                )
    else:
        every = "".join(words).replace("...", "")
        output = digits + "".join(sorted((c for c in set(every) if every.count(c) == 1), key=label_rank))
    return tuple(inputs), output


def label_sizes(inputs: tuple[str, ...], tensors: list[Tensor]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for i, (labels, t) in enumerate(zip(inputs, tensors, strict=True)):
        for label, n in zip(labels, t.shape, strict=True):
            before = t.shape[labels.index(label)]
            if n != before:
                raise RuntimeError(
                    f"einsum(): subscript {label} is repeated for operand {i} but the sizes don't match, {n} != {before}"
                )
            if sizes.get(label, 1) not in (1, n) and n != 1:
                if label not in ascii_letters:
                    place = sum(c not in ascii_letters for c in labels[: labels.index(label)])
                    raise RuntimeError(
                        f"einsum(): dimension {place} covered by ellipsis in operand {i}has size {n} which does "
                        f"not broadcast with previously seen ellipsis with size {sizes[label]} for the respective dimension"
                    )
                raise RuntimeError(
                    f"einsum(): subscript {label} has size {n} for operand {i} which does not broadcast with previously "
                    f"seen size {sizes[label]}"
                )
            sizes[label] = max(sizes.get(label, 1), n) if n else n
    return sizes


def align(t: Tensor, labels: str, order: Any) -> Tensor:
    """Diagonals of labels that come twice; then one dimension for every label, in order."""
    labels = list(labels)
    while len(set(labels)) < len(labels):
        label = next(c for c in labels if labels.count(c) > 1)
        a = labels.index(label)
        b = labels.index(label, a + 1)
        t = shape.diagonal(t, 0, a, b)
        del labels[b]
        t = shape.permute(t, (*range(a), t.ndim - 1, *range(a, t.ndim - 1)))
    for c in order:
        if c not in labels:
            t = shape.unsqueeze(t, t.ndim)
            labels.append(c)
    return shape.permute(t, tuple(labels.index(c) for c in order))


def sum_of_products(x: Tensor, y: Tensor, dims: list[int]) -> Tensor:
    """sum(x * y, dims, keepdim=True) of two broadcasting tensors, by one batched product of matrices."""
    rank = x.ndim
    a, b = x.shape, y.shape
    for d in dims:  # what only one of them has is summed first
        if (a[d] == 1) != (b[d] == 1):
            x, y = (reduce.sum(x, d, True), y) if b[d] == 1 else (x, reduce.sum(y, d, True))
    dims = [d for d in dims if a[d] != 1 and b[d] != 1]
    if not dims:
        return x * y
    a, b = x.shape, y.shape
    free = [d for d in range(rank) if d not in dims]
    batch = [d for d in free if a[d] != 1 and b[d] != 1]
    left = [d for d in free if d not in batch and b[d] == 1]
    right = [d for d in free if d not in batch and d not in left]
    size = [max(m, n) if m and n else 0 for m, n in zip(a, b, strict=True)]

    def count(ds: list[int]) -> int:
        return math.prod([size[d] for d in ds])

    p = reshape(shape.permute(x, (*batch, *left, *dims, *right)), (count(batch), count(left), count(dims)))
    q = reshape(shape.permute(y, (*batch, *dims, *right, *left)), (count(batch), count(dims), count(right)))
    r = products.bmm(p, q)
    order = [*batch, *left, *right, *dims]
    r = reshape(r, tuple(1 if d in dims else size[d] for d in order))
    return shape.permute(r, shape.inverse(order))
