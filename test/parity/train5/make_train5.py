"""Records five training steps and a validation epoch with object queries that draw, in the form of the fixtures train5.

  pip install torch numpy scipy && python test/parity/train5/make_train5.py

The reference's own fixture of training has learned queries, which draw nothing. These two were not made by the reference's code,
but by modules that load its weights and give its outputs (../torch/load_exported.py proves it), losses and k-means as FIXTURES.md
writes them, and PyTorch's AdamW. Draws of step s are `inputs.init_idx.s` [S], `inputs.noise.s` [2B, S, C] and
`inputs.component_idx.s` [2B, S]; those of batch b of validation are `inputs.val_init_idx.b` and so on.
"""

import base64
import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "torch"))
from modules import Model  # noqa: E402

STEPS, B, C, S, T = 5, 4, 8, 4, 0.1
VALIDATION = [4, 2]  # images of the batches
START, END, WARMUP, DECAY = 0.01, 0.0003, 5, 20  # learning rates, and steps
MLP = {"hidden_mult": 2.0, "activation": "gelu", "dropout": 0.0}
QUERIES = {
    "kmeans_euclidean": {"name": "kmeans_euclidean", "num_objects": S},
    "sample": {"name": "sample", "num_objects": S, "num_components": 3},
}
CASES = [("kmeans_euclidean", "ctr_img"), ("sample", "sim_img")]
# its gradient is rounding alone, which AdamW makes as large as any other (FIXTURES.md, quirk 3)
NOT_COMPARED = ["obj_fn.norm_slots.bias"]


def config_of(queries, objective):
    return {
        "model": {
            "architecture": "backbone-obj_fn(-global_fn-global_proj)-obj_proj",
            "backbone": {
                "patch_size": [4, 4], "embed_dim": C, "pos_embed": "learned", "pos_embed_every_layer": True,
                "num_layers": 2, "num_heads": 2, "mlp_ratio": 2.0, "global_pool": "avg",
            },
            "global_fn": MLP,
            "global_proj": {**MLP, "out_bias": False},
            "obj_queries": QUERIES[queries],
            "obj_fn": {"name": "slot-attention", "hidden_mult": 2.0, "pos_embed": None, "num_iters": 3},
            "obj_proj": {**MLP, "out_bias": False},
        },
        "losses": {
            "l_global": {"name": "ctr", "temp": T, "weight": 1.0},
            "l_objects": {"name": objective, "temp": T, "weight": 1.0},
        },
        "optimizer": {"name": "adam", "start_lr": START, "weight_decay": 1e-4},
        "lr_scheduler": {"warmup": {"epochs": 1}, "decay": {"name": "cosine", "epochs": 4, "end_lr": END}},
        "warmup_steps": WARMUP,
        "decay_steps": DECAY,
        "data": {"crop_size": [16, 16]},
        "training": {"batch_size": B},
    }


def lr(step):
    if step <= WARMUP:
        return START * (1e-10 + (1 - 1e-10) * step / WARMUP)
    return END + (START - END) * (1 + math.cos(math.pi * min(step - WARMUP, DECAY) / DECAY)) / 2


@torch.no_grad()
def k_means(x, start):
    """[2B, N, C], [S] -> [2B, S, C]"""
    centroids = x[:, start]
    for _ in range(20):
        nearest = ((x[:, :, None] - centroids[:, None]) ** 2).sum(-1).argmin(-1)
        members = F.one_hot(nearest, len(start)).to(x.dtype)
        sizes = members.sum(1)[..., None]
        new = torch.where(sizes > 0, members.mT @ x / sizes.clamp(min=1), centroids)
        change = (new - centroids).abs().max()
        centroids = new
        if change < 1e-6:
            break
    return centroids


def with_queries(model, draws):
    """The draws that the modules take: k-means is run on the tokens of the images."""
    if "init_idx" not in draws:
        return lambda _: draws
    return lambda images: {"queries": k_means(model.backbone(images)[1], draws["init_idx"].long())}


def l2(x):
    return x / x.norm(dim=-1, keepdim=True).clamp(min=1e-10)


def ctr(p):
    """[2B]"""
    n = len(p)
    scores = (l2(p) @ l2(p).T / T).masked_fill(torch.eye(n, dtype=torch.bool), -math.inf)
    return F.cross_entropy(scores, (torch.arange(n) + n // 2) % n, reduction="none")


def matches(f):
    """[2B, S, C] -> the slot of the other view that each slot belongs to, [2B, S]"""
    b = len(f) // 2
    found = torch.empty(f.shape[:2], dtype=torch.long)
    for i in range(b):
        scores = (l2(f[i]) @ l2(f[b + i]).T).detach()
        found[i] = torch.from_numpy(linear_sum_assignment(scores.numpy(), maximize=True)[1])
        found[b + i] = found[i].argsort()
    return found


def ctr_img(p):
    """[2B, S]"""
    b, s = len(p) // 2, p.shape[1]
    own, other = l2(p), l2(p.roll(b, 0))
    self_scores = (own @ own.mT / T).masked_fill(torch.eye(s, dtype=torch.bool), -math.inf)
    scores = torch.cat([self_scores, own @ other.mT / T], -1)
    return F.cross_entropy(scores.flatten(0, 1), (s + matches(p)).flatten(), reduction="none")


def sim_img(f, p):
    """[2B, S]"""
    b = len(p) // 2
    index = matches(f)[..., None].expand_as(f)
    target = f.detach().roll(b, 0).gather(1, index)
    return (1 - (l2(p) * l2(target)).sum(-1)) / 2


def losses(objective, outputs):
    p = outputs["p_slots"]
    of_slots = ctr_img(p) if objective == "ctr_img" else sim_img(outputs["f_slots"], p)
    return {"l_global": ctr(outputs["p_global"]), "l_objects": of_slots}


def drawn(queries, images, generator):
    rows = 2 * images
    if queries == "kmeans_euclidean":
        return {"init_idx": torch.randperm(16, generator=generator)[:S].int()}
    components = torch.randint(3, (rows, S), generator=generator).int()
    return {"noise": torch.randn(rows, S, C, generator=generator), "component_idx": components}


def encoded(x):
    values, kind = (x.numpy().astype("<i4"), "i32") if x.dtype == torch.int32 else (x.detach().numpy().astype("<f4"), "f32")
    return {"shape": list(x.shape), kind: base64.b64encode(values.tobytes()).decode()}


def record(queries, objective):
    config = config_of(queries, objective)
    generator = torch.Generator().manual_seed(7)
    normal = lambda *shape: torch.randn(*shape, generator=generator)
    model = Model(config["model"], config["data"]["crop_size"])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.3 * normal(*parameter.shape))
    initial = {name: x.clone() for name, x in model.state_dict().items()}
    batches = [(f"{s}", "", B) for s in range(STEPS)] + [(f"{b}", "val_", n) for b, n in enumerate(VALIDATION)]
    inputs = {}
    for which, prefix, size in batches:
        inputs[prefix + which] = {"images": normal(2, size, 3, 16, 16), **drawn(queries, size, generator)}

    def run(dtype):
        """Losses of the steps, of validation, and the final weights; once in double precision to see what rounding does."""
        torch.set_default_dtype(dtype)
        model.to(dtype).load_state_dict({name: x.to(dtype) for name, x in initial.items()})

        def forward(given):
            images = given["images"].flatten(0, 1).to(dtype)
            draws = {name: x.to(dtype) if x.is_floating_point() else x for name, x in given.items()}
            return losses(objective, model(images, with_queries(model, draws)(images)))

        optimizer = torch.optim.AdamW(model.parameters(), lr=1.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-4)
        steps = []
        for step in range(STEPS):
            optimizer.param_groups[0]["lr"] = lr(step)
            values = {name: loss.mean() for name, loss in forward(inputs[f"{step}"]).items()}
            optimizer.zero_grad()
            sum(values.values()).backward()
            optimizer.step()
            steps.append({**{f"{name}/train": x.item() for name, x in values.items()}, "lr": lr(step)})
        with torch.no_grad():
            each = [forward(inputs[f"val_{b}"]) for b in range(len(VALIDATION))]
        validation = {f"{name}/val": torch.cat([x[name].flatten() for x in each]).mean().item() for name in each[0]}
        return steps, validation, {name: x.clone() for name, x in model.state_dict().items()}

    _, _, exact = run(torch.float64)
    steps, validation, final = run(torch.float32)
    differences = {name: (x.double() - exact[name]).abs().max().item() for name, x in final.items()}
    tensors = {f"weights_initial.{name}": encoded(x) for name, x in initial.items()}
    for which, prefix, _ in batches:
        tensors |= {f"inputs.{prefix}{name}.{which}": encoded(x) for name, x in inputs[prefix + which].items()}
    tensors |= {f"weights_final.{name}": encoded(x) for name, x in final.items()}
    return {
        "name": f"train5_{queries}_ctr_{objective}",
        "component": "run_train_epoch (5 steps) + run_val_epoch",
        "config": config,
        "notes": f"made by make_train5.py with torch {torch.__version__}, not by the reference's code",
        "tensors": tensors,
        "scalars": {
            "per_step": steps,
            "val": validation,
            "f32_vs_f64_final_weight_absdiff": differences,
            "do_not_compare": NOT_COMPARED,
        },
    }


if __name__ == "__main__":
    for case in CASES:
        fixture = record(*case)
        (HERE / f"{fixture['name']}.json").write_text(json.dumps(fixture) + "\n")
        compared = {k: v for k, v in fixture["scalars"]["f32_vs_f64_final_weight_absdiff"].items() if k not in NOT_COMPARED}
        print(fixture["name"], "float32 differs from float64 by", max(compared.values()), max(compared, key=compared.get))
