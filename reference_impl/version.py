"""torch.version: whose behaviour this is, and that no device is compiled in."""

__version__ = "2.13.0+reference"
cuda = hip = xpu = git_version = None
debug = False
