"""Do transformers' classes read what savePretrained wrote, and compute the same? Usage: check.py FOLDER

Called by `npm run parity:transformers -- --python PYTHON`, which writes the folder first."""
import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
from safetensors.torch import load_file

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
failed = 0
print(f"transformers {transformers.__version__}, torch {torch.__version__}")
for name in sorted(os.listdir(sys.argv[1])):
    folder = os.path.join(sys.argv[1], name)
    config = json.load(open(os.path.join(folder, "config.json")))
    [architecture] = config["architectures"]
    # The class by its name, and the configuration's class by model_type.
    auto = transformers.AutoConfig.from_pretrained(folder)
    model, info = getattr(transformers, architecture).from_pretrained(folder, output_loading_info=True)
    model.eval()
    io = load_file(os.path.join(folder, "io.safetensors"))
    inputs = {k[3:]: v.long() if v.dtype == torch.int32 else v for k, v in io.items() if k.startswith("in.")}
    with torch.no_grad():
        out = model(**inputs)
    worst = max((out[k[4:]] - v).abs().max().item() for k, v in io.items() if k.startswith("out."))
    left = {k: sorted(v) for k, v in info.items() if v and k in ("missing_keys", "unexpected_keys", "mismatched_keys")}
    ok = worst < 1e-5 and not left and auto.model_type == config["model_type"]
    failed += not ok
    print(f"{'ok  ' if ok else 'FAIL'} {architecture:32} max difference {worst:.1e} {left or ''}")
print("all agree" if not failed else f"{failed} failed")
sys.exit(bool(failed))
