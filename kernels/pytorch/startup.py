"""Let `from d2l import torch` import where torch was built for the CPU alone.

It imports torchvision, whose wheels on PyPI hold CUDA operators. Those can't be loaded
beside a CPU build of torch, and the import fails for want of one operator's schema.
Declaring that schema is enough; beside a CUDA build of torch nothing is touched.
"""
import torch

if torch.version.cuda is None:
    _torchvision = torch.library.Library("torchvision", "FRAGMENT")
    _torchvision.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
