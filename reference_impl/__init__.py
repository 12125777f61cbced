class Unsupported(NotImplementedError):
    pass
