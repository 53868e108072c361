"""Let `from d2l import torch` import beside a CPU build of torch.

d2l imports torchvision, whose wheels on PyPI hold CUDA operators. Beside a CPU build of
torch those can't be loaded, and the import fails for want of two operators' schemas.
Declaring the schemas is enough. Where torchvision imports by itself, nothing is touched.
"""
import sys

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError as error:
    if "torchvision::" not in str(error):
        raise
    for _name in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[_name]
    _torchvision = torch.library.Library("torchvision", "FRAGMENT")
    for _name in ("nms", "qnms"):
        _torchvision.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
