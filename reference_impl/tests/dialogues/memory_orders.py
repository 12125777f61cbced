"""Memory whose dimensions lie in another order than the tensor's: what it is copied, pickled, saved and shared as."""

import copy
import io
import pickle


def play(torch, tr, tell):
    rows = torch.arange(24.0).reshape(2, 3, 4)
    for x in (
        rows[0].t().clone(),
        rows.permute(1, 0, 2).clone(),
        rows.permute(1, 0, 2).clone()[1:],
        rows[0].t().clone()[:, 1],
        rows.permute(1, 0, 2).clone().unsqueeze(0),
        rows[0].t().to(torch.complex64),
    ):
        tell(x.stride(), x.storage_offset())

        def again(x=x):
            return pickle.loads(pickle.dumps(x))

        def saved(x=x):
            file = io.BytesIO()
            torch.save(x, file)
            file.seek(0)
            return torch.load(file)

        def deep(x=x):
            return copy.deepcopy(x)

        for f in (again, saved, deep):
            tr(lambda f=f: (f(), f().stride()))

        def together(x=x):
            a, b = copy.deepcopy([x, x.view_as(x)])
            a.fill_(5)
            return b

        def elements(x=x):
            y = x.clone()
            y.storage()[1] = 77.0
            return y, y.storage().tolist()

        def shallow(x=x):
            y = x.clone()
            copy.copy(y).zero_()
            return y

        def placed(x=x):
            y = x.clone()
            torch.empty(0, dtype=x.dtype).set_(y.untyped_storage(), 1, (2,), (2,)).fill_(9)
            return y, y.is_set_to(y.view_as(y)), y.is_set_to(y.clone())

        for f in (together, elements, shallow, placed):
            tr(f)
        tr(lambda x=x: x.untyped_storage().tolist()[4:12])
