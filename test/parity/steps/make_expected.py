"""Records optimizer steps with accumulated and clipped gradients as PyTorch takes them: python make_expected.py

A model of two matrices: h = tanh(x A^T), p = h B^T; losses `fit` = mean over rows of sum((p - 1)^2), and `small` = mean(h^2)
with weight 0.3. Each step sums the gradients of loss / n over its n batches, clips them by their global norm, and updates with
AdamW.
"""

import json
from pathlib import Path

import torch

STEPS = 5
CASES = [
    {"batches": [6], "clip": None},
    {"batches": [6], "clip": 0.05},
    {"batches": [6, 6, 4], "clip": None},
    {"batches": [6, 6, 4], "clip": 0.05},
    {"batches": [6, 6, 4], "clip": 1e6},
]


def numbers(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, generator=generator)


def record(case):
    a = torch.nn.Parameter(0.5 * numbers(48, 1).reshape(4, 12))
    b = torch.nn.Parameter(0.5 * numbers(12, 2).reshape(3, 4))
    optimizer = torch.optim.AdamW([a, b], lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)
    steps = []
    for step in range(STEPS):
        optimizer.zero_grad()
        inputs, fits, smalls = [], [], []
        for i, rows in enumerate(case["batches"]):
            x = numbers(12 * rows, 100 + 10 * step + i).reshape(rows, 12)
            h = torch.tanh(x @ a.T)
            fit = ((h @ b.T - 1) ** 2).sum(1).mean()
            small = (h**2).mean()
            ((fit + 0.3 * small) / len(case["batches"])).backward()
            inputs.append(x.flatten().tolist())
            fits.append(fit.item())
            smalls.append(small.item())
        limit = float("inf") if case["clip"] is None else case["clip"]
        norm = torch.nn.utils.clip_grad_norm_([a, b], limit)
        optimizer.step()
        mean = lambda values: sum(values) / len(values)
        steps.append({"images": inputs, "fit": mean(fits), "small": mean(smalls), "grad_norm": norm.item()})
    start = {"a": (0.5 * numbers(48, 1)).tolist(), "b": (0.5 * numbers(12, 2)).tolist()}
    end = {"a": a.detach().flatten().tolist(), "b": b.detach().flatten().tolist()}
    return {**case, "start": start, "steps": steps, "end": end}


if __name__ == "__main__":
    result = {"torch": torch.__version__, "cases": [record(case) for case in CASES]}
    Path(__file__).with_name("expected.json").write_text(json.dumps(result) + "\n")
