"""Makes collapse.json: NumPy's and SciPy's numbers for the collapse meter, on small random representations.

    python -m venv VENV && VENV/bin/pip install numpy scipy
    VENV/bin/python test/parity/metrics/make_collapse.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.spatial.distance import pdist
from scipy.stats import entropy

rng = np.random.default_rng(20240611)


def effective_rank(x):
    """Roy and Vetterli 2007: exp of the entropy of the singular values, divided by their sum."""
    return float(np.exp(entropy(np.linalg.svd(x, compute_uv=False))))


def case(name, x, groups=None):
    """Vectors [rows, dim]; of `groups` of them the mean cosine of all pairs."""
    x = np.asarray(x).astype(np.float32).astype(np.float64)
    rows, dim = x.shape
    unit = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-10)
    size = rows if groups is None else rows // groups
    cosines = [np.mean(1 - pdist(group, "cosine")) for group in x.reshape(-1, size, dim)]
    return {
        "name": name,
        "shape": [rows, dim],
        "groups": rows // size,
        "values": x.ravel().tolist(),
        "std": float(unit.std(axis=0).mean()),
        "effective_rank": effective_rank(unit),
        "similarity": float(np.mean(cosines)),
        "singular": np.linalg.svd(x, compute_uv=False).tolist(),
    }


def normal(*shape):
    return rng.normal(size=shape)


def symmetric(name, a):
    a = np.asarray(a, np.float64)
    return {"name": name, "n": len(a), "matrix": a.ravel().tolist(), "eigenvalues": scipy.linalg.eigvalsh(a).tolist()}


square = normal(6, 6)
expected = {
    "versions": {m.__name__: m.__version__ for m in (np, scipy)},
    "representations": [
        case("isotropic", normal(40, 8)),
        case("fewer vectors than channels", normal(5, 12)),
        case("as many", normal(7, 7)),
        case("slots of images", (normal(4, 1, 6) + 0.5 * normal(4, 5, 6)).reshape(20, 6), 4),
        case("three directions", normal(30, 3) @ normal(3, 10)),
        case("one direction, both ways", normal(12, 1) @ normal(1, 5)),
        case("nearly constant", 3 + 1e-3 * normal(24, 8)),
        case("a strong common part", 2 + normal(24, 8)),
        case("of all lengths", normal(20, 6) * 10.0 ** rng.integers(-4, 5, (20, 1))),
        case("two vectors", normal(2, 4)),
    ],
    "symmetric": [
        symmetric("random", square + square.T),
        symmetric("diagonal", np.diag([3.0, -1, 2, 2])),
        symmetric("tridiagonal", np.diag(np.full(6, 2.0)) - np.eye(6, k=1) - np.eye(6, k=-1)),
        symmetric("repeated", np.ones((5, 5))),
        symmetric("of all sizes", np.outer(10.0 ** -np.arange(6), 10.0 ** -np.arange(6)) * (square @ square.T)),
        symmetric("one", [[-4.5]]),
        symmetric("two", [[1, 2], [2, 1]]),
        symmetric("zero", np.zeros((3, 3))),
    ],
}
Path(__file__).with_name("collapse.json").write_text(json.dumps(expected, indent=1) + "\n")
