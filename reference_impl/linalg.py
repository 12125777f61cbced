"""torch.linalg."""
from .ops import linalg as _rows
from .ops import reduce as _reduce

svd = _rows.linalg_svd.function
vector_norm = _reduce.linalg_vector_norm.function
