"""Loads what `osc export --format safetensors` writes into PyTorch modules, strictly, and compares the outputs.

  npm run build && pip install torch safetensors && python test/parity/torch/load_exported.py

First the modules (modules.py) are held against the reference: weights and outputs that its own code made, from the fixtures
beside the checkout. Then models of every architecture, kind of queries and object function are trained for some steps by
the built osc, exported, and loaded; outputs are those of the same weights in osc, on the same images and queries. The
modules' parameters are filled with NaN before, so that whatever is not loaded shows. Exit code 1: something differs.
"""

import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from modules import Model

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FIXTURES = ROOT.parent / "shared/parity/fixtures"
TOLERANCE = 1e-5  # of the largest value of a tensor

TINY = """data=scenes data.num_train=64 data.num_val=8 data.num_test=4 data.image_size=[32,40] data.min_visible=4
data.crop_size=[16,16] data.num_workers=0 data.viz.max_samples=0 data.test.evaluators=[] model.backbone.patch_size=[4,4]
model.backbone.embed_dim=16 model.backbone.num_layers=2 model.backbone.num_heads=2 training.batch_size=8
training.num_epochs=1 lr_scheduler=linear1_cosine4 other.seed=1 data.train.seed=2""".split()
QUERIES = ["learned", "sample", "kmeans_euclidean", "kmeans_cosine"]
CASES = [
    "model=vit_global losses/l_objects=none",
    "model=vit_global losses/l_objects=none model.backbone.global_pool=avg model.backbone.pos_embed=null",
    *(f"model={model} model/obj_queries={q}" for model in ("vit_obj_global", "vit_global_obj") for q in QUERIES),
    "model/obj_fn=cross_attention model.obj_fn.num_heads=2",
    "model=vit_global_obj model/obj_fn=cross_attention model/obj_queries=sample model.obj_fn.pos_embed=learned",
    "model.obj_fn.pos_embed=backbone",
    "model.obj_fn.pos_embed=learned model.backbone.pos_embed_every_layer=false",
]


def loaded(config, crop_size, weights):
    model = Model(config, crop_size).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(float("nan"))
    model.load_state_dict(weights, strict=True)
    assert all(parameter.isfinite().all() for parameter in model.parameters()), "a parameter was not loaded"
    return model


@torch.no_grad()
def compare(name, model, given, expected):
    outputs = model(given["images"], given)
    assert outputs.keys() == expected.keys(), (outputs.keys(), expected.keys())
    errors = {key: ((outputs[key] - y).abs().max() / y.abs().max()).item() for key, y in expected.items()}
    worst = max(errors, key=errors.get)
    good = all(error <= TOLERANCE for error in errors.values())  # not a number is not good
    print(f"{'ok  ' if good else 'FAIL'} {len(model.state_dict()):3} tensors, error {errors[worst]:.1e} ({worst})  {name}")
    return good


def from_fixture(path):
    fixture = json.loads(path.read_text())
    tensors = {}
    for name, saved in fixture["tensors"].items():
        kind = "f32" if "f32" in saved else "i32"
        dtype = torch.float32 if kind == "f32" else torch.int32
        values = torch.frombuffer(bytearray(base64.b64decode(saved[kind])), dtype=dtype)
        tensors[name] = values.reshape(saved["shape"])
    group = lambda prefix: {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    model = loaded(fixture["config"]["model"], fixture["config"]["data"]["crop_size"], group("weights."))
    expected = {k: v for k, v in group("outputs.").items() if k[:2] in ("f_", "p_")}
    return model, group("inputs."), expected


def osc(*args, cwd):
    subprocess.run(["node", ROOT / "dist/cli/bin.js", *args], cwd=cwd, check=True, capture_output=True, text=True)


def from_osc(case, number, cwd):
    run, weights, outputs = f"run-{number}", f"{cwd}/{number}.safetensors", f"{cwd}/{number}-outputs.safetensors"
    osc("train", *TINY, *case.split(), "--run-dir", run, cwd=cwd)
    osc("export", run, "--format", "safetensors", "--output", weights, cwd=cwd)
    subprocess.run(["node", HERE / "outputs.mjs", run, outputs], cwd=cwd, check=True)
    with safe_open(outputs, "pt") as file:
        config = json.loads(file.metadata()["config"])
    given = load_file(outputs)
    expected = {key: given.pop(key) for key in list(given) if key[:2] in ("f_", "p_")}
    return loaded(config["model"], config["data"]["crop_size"], load_file(weights)), given, expected


def main():
    good = True
    # centroids are not recorded among the fixtures of k-means
    for path in sorted(FIXTURES.glob("model_*.json")):
        model, given, expected = from_fixture(path)
        if "init_idx" in given:
            print(f"     {len(model.state_dict()):3} tensors, loaded only  {path.stem}")
        else:
            good &= compare(path.stem, model, given, expected)
    with tempfile.TemporaryDirectory() as cwd:
        for number, case in enumerate(CASES):
            good &= compare(case, *from_osc(case, number, cwd))
    print("all loaded, all equal" if good else "not all equal")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.stdout}\n{error.stderr}")
