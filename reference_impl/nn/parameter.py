"""Parameter: a Tensor that a Module takes for one of its parameters when it is assigned as an attribute."""

from __future__ import annotations

from typing import Any

from .. import dtypes
from ..errors import Unsupported
from ..missing import getter
from ..overrides import disabled
from ..tensor import LEAF, Tensor, new, storage_of

__getattr__ = getter("nn.parameter")

NO_SHAPE = (
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when "
    "trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before "
    "accessing their attributes."
)
NO_DATA = (
    "Attempted to use an uninitialized parameter. This error happens when you are using a `LazyModule` or explicitly "
    "manipulating `torch.nn.parameter.{}` objects. When using LazyModules Call `forward` with a dummy batch to initialize "
    "the parameters before calling torch functions"
)


class Parameter(Tensor):
    """A leaf that shares the data it is made of (source: torch.nn.Parameter)."""

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            from ..factories import empty

            data = empty(0)
        if not isinstance(requires_grad, bool):
            kind = type(requires_grad).__name__
            raise TypeError(f"_make_subclass(): argument 'require_grad' (position 3) must be bool, not {kind}")
        p, detached = new(cls), data.detach()
        if data._overridden:
            raise Unsupported(f"Parameter: a {type(data).__name__}, whose class the parameter would have to keep")
        p._array, p._inference, p._counted = detached._array, detached._inference, detached._counted
        p._storage = detached._storage if data._array.ndim else None
        if requires_grad:
            if data._array.dtype.kind not in "fcV":
                raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
            p.requires_grad = True
        return p

    __torch_function__ = staticmethod(disabled)  # what is computed with a parameter is a plain Tensor

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __deepcopy__(self, memo: dict) -> Parameter:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self) -> str:
        return "Parameter containing:\n" + Tensor.__repr__(self)


class Buffer(Tensor):
    """A Tensor that a Module takes for a buffer when it is assigned (source: torch.nn.Buffer)."""

    __torch_function__ = staticmethod(disabled)

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Buffer:
        if data is None:
            from ..factories import empty

            data = empty(0)
        b = new(cls)
        b._array, b._storage, b.persistent = data._array, storage_of(data), persistent
        b._inference = data._inference
        return b

    def __init__(self, *_: Any, **__: Any) -> None:
        pass


class UninitializedTensorMixin:
    """A dtype without data or shape: what a lazy module holds until it has seen an input."""

    cls_to_become: type[Tensor]

    @property
    def _array(self) -> Any:
        raise ValueError(NO_DATA.format(type(self).__name__))

    @property
    def shape(self) -> Any:
        raise RuntimeError(NO_SHAPE)

    dtype = property(lambda self: self._dtype)

    @property
    def data(self) -> Tensor:
        """No elements; assigned, they give it their dtype. So Module.to() and its like convert it too."""
        from ..factories import empty

        return empty(0, dtype=self._dtype)

    @data.setter
    def data(self, value: Tensor) -> None:
        self._dtype = value.dtype

    def materialize(self, shape: Any, device: Any = None, dtype: dtypes.dtype | None = None) -> None:
        """Become an ordinary parameter or buffer, whose elements are undefined."""
        from ..factories import empty

        array = empty(shape, dtype=dtype or self._dtype)._array
        del self._dtype
        self.__class__ = self.cls_to_become
        self._array = array

    def share_memory_(self) -> Any:
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters before "
            "calling `module.share_memory()`."
        )

    def __reduce_ex__(self, _: Any) -> tuple:
        return type(self), (self.requires_grad, None, self._dtype)

    def __deepcopy__(self, memo: dict) -> Any:
        kind, arguments = self.__reduce_ex__(None)
        return memo.setdefault(id(self), kind(*arguments))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter whose shape is not known yet (source: torch.nn.parameter.UninitializedParameter)."""

    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> UninitializedParameter:
        p = new(cls)
        p._dtype, p._edge = dtype or dtypes.get_default_dtype(), LEAF if requires_grad else None
        return p


class UninitializedBuffer(UninitializedTensorMixin, Buffer):
    """A buffer whose shape is not known yet (source: torch.nn.parameter.UninitializedBuffer)."""

    cls_to_become = Tensor

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> UninitializedBuffer:
        b = new(cls)
        b._dtype, b._edge = dtype or dtypes.get_default_dtype(), LEAF if requires_grad else None
        b.persistent = persistent
        return b


def is_lazy(param: Any) -> bool:
    return isinstance(param, UninitializedTensorMixin)
