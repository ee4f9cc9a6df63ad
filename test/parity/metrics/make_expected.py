"""Makes expected.json: metrics of scikit-learn, scikit-image and SciPy on small random inputs.

    python -m venv VENV && VENV/bin/pip install numpy scipy scikit-learn scikit-image
    VENV/bin/python test/parity/metrics/make_expected.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import skimage
import sklearn
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import dice
from skimage.filters import threshold_otsu
from sklearn.metrics import (
    adjusted_rand_score,
    average_precision_score,
    jaccard_score,
    roc_auc_score,
)

rng = np.random.default_rng(20240607)


def numbers(array):
    return np.asarray(array).ravel().tolist()


def rand_index_cases():
    def case(name, truth, predicted):
        """Pixels with a negative true label are left out, as scikit-learn knows no such thing."""
        truth, predicted = np.asarray(truth), np.asarray(predicted)
        known = truth >= 0
        index = adjusted_rand_score(truth[known], predicted[known])
        return {"name": name, "truth": numbers(truth), "predicted": numbers(predicted), "index": index}

    truth = rng.integers(0, 5, 60)
    noisy = np.where(rng.random(60) < 0.3, rng.integers(0, 7, 60), truth)
    return [
        case("chance", truth, rng.integers(0, 4, 60)),
        case("noisy", truth, noisy),
        case("same but for names", truth, (truth + 3) % 5),
        case("some ignored", np.where(rng.random(60) < 0.4, -1, truth), noisy),
        case("one predicted region", truth, np.zeros(60, int)),
        case("one true region", np.zeros(60, int), noisy),
        case("one region each", np.full(9, 2), np.zeros(9, int)),
        case("all alone", np.arange(9), np.arange(9)[::-1]),
        case("alone against one region", np.arange(9), np.zeros(9, int)),
        case("one pixel", [1], [3]),
        case("worse than chance", [0, 0, 1, 1], [0, 1, 0, 1]),
    ]


def ranking_cases():
    def case(name, labels, scores, weights=None):
        labels, scores = np.asarray(labels), np.asarray(scores)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the classes that are missing
            ap = average_precision_score(labels, scores, sample_weight=weights)
            auroc = roc_auc_score(labels, scores, sample_weight=weights)
        return {
            "name": name,
            "labels": numbers(labels),
            "scores": numbers(scores),
            "weights": None if weights is None else numbers(weights),
            "ap": float(ap),
            "auroc": None if np.isnan(auroc) else float(auroc),
        }

    labels = rng.integers(0, 2, 50)
    scores = np.round(rng.normal(labels * 0.8, 1), 4)
    return [
        case("plain", labels, scores),
        case("weighted", labels, scores, np.where(labels == 1, 14, 1)),
        case("random weights", labels, scores, np.round(rng.random(50), 3)),
        case("zero weights", labels, scores, (rng.random(50) < 0.5).astype(float)),
        case("ties", labels, np.round(scores)),
        case("all tied", labels, np.zeros(50)),
        case("perfect", [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4]),
        case("wrong way round", [1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4]),
        case("no positive", np.zeros(6, int), scores[:6]),
        case("no negative", np.ones(6, int), scores[:6]),
    ]


def otsu_cases():
    def case(name, values):
        values = np.asarray(values, np.float32)
        return {"name": name, "values": numbers(values), "threshold": float(threshold_otsu(values))}

    uniform = rng.random(40)
    return [
        case("uniform", uniform),
        case("two modes", np.concatenate([rng.normal(0.1, 0.02, 30), rng.normal(0.8, 0.05, 12)])),
        case("small", uniform * 1e-6),
        case("narrow", 0.25 + uniform * 1e-3),
        case("negative", rng.normal(size=40)),
        case("two values", np.repeat([0.2, 0.7], [30, 10])),
        case("on the edges of bins", np.arange(257) / 256),
        case("constant", np.full(5, 0.1)),
    ]


def mask_cases():
    def case(name, truth, predicted):
        pairs = [[(t, p) for p in predicted] for t in truth]
        # of two empty masks scikit-learn and SciPy know no score: 0 in ours
        iou = np.array([[jaccard_score(t, p, zero_division=0) for t, p in row] for row in pairs])
        score = np.array([[1 - dice(t, p) if t.any() or p.any() else 0 for t, p in row] for row in pairs])
        rows, cols = linear_sum_assignment(iou, maximize=True)
        return {
            "name": name,
            "truth": {"count": len(truth), "values": numbers(truth.astype(int))},
            "predicted": {"count": len(predicted), "values": numbers(predicted.astype(int))},
            "iou": numbers(iou),
            "dice": numbers(score),
            "rows": numbers(rows),
            "cols": numbers(cols),
        }

    truth, predicted = rng.random((3, 16)) < 0.4, rng.random((5, 16)) < 0.5
    empty = np.concatenate([truth[:2], np.zeros((1, 16), bool)])
    return [
        case("more predicted", truth, predicted),
        case("fewer predicted", predicted, truth),
        case("empty masks", empty, np.concatenate([predicted[:2], np.zeros((1, 16), bool)])),
    ]


def best_overlap_cases():
    def case(name, truth, predicted):
        """Mean over objects (0 is the background, negative labels are left out) of the best Jaccard score with a region."""
        truth, predicted = np.asarray(truth), np.asarray(predicted)
        t, p = truth[truth >= 0], predicted[truth >= 0]
        best = [max(jaccard_score(t == i, p == j) for j in np.unique(p)) for i in np.unique(t) if i > 0]
        mean = float(np.mean(best)) if best else None
        return {"name": name, "truth": numbers(truth), "predicted": numbers(predicted), "overlap": mean}

    truth = rng.integers(0, 4, 60)
    predicted = np.where(rng.random(60) < 0.4, rng.integers(0, 6, 60), truth)
    return [
        case("chance", truth, rng.integers(0, 5, 60)),
        case("noisy", truth, predicted),
        case("some ignored", np.where(rng.random(60) < 0.4, -1, truth), predicted),
        case("one predicted region", truth, np.zeros(60, int)),
        case("one object", np.ones(60, int), predicted),
        case("all alone", np.arange(9), np.arange(9)[::-1]),
        case("background alone", np.zeros(9, int), np.arange(9)),
    ]


def region_cases():
    """Overlaps of whole partitions: 0 is the background, a region as any other here; negative labels are left out."""

    def case(name, truth, predicted):
        truth, predicted = np.asarray(truth), np.asarray(predicted)
        t, p = truth[truth >= 0], predicted[truth >= 0]
        labels, regions = np.unique(t), np.unique(p)
        iou = np.array([[jaccard_score(t == i, p == j) for j in regions] for i in labels])
        best = iou.max(axis=1) if len(labels) else np.zeros(0)
        matched = np.zeros(len(labels))
        if len(labels):
            rows, cols = linear_sum_assignment(iou, maximize=True)
            matched[rows] = iou[rows, cols]
        objects = labels > 0
        none = not objects.any()
        return {
            "name": name,
            "truth": numbers(truth),
            "predicted": numbers(predicted),
            "labels": numbers(labels),
            "best": numbers(best),
            "matched": numbers(matched),
            "covering": float(best.mean()) if len(labels) else None,
            "scaled": float(np.average(best, weights=[(t == i).sum() for i in labels])) if len(labels) else None,
            "mean_iou": None if none else float(matched[objects].mean()),
            "found": None if none else float((best[objects] > 0.5).mean()),
        }

    truth = rng.integers(0, 5, 80)
    predicted = np.where(rng.random(80) < 0.35, rng.integers(0, 7, 80), truth)
    return [
        case("chance", truth, rng.integers(0, 5, 80)),
        case("noisy", truth, predicted),
        case("same but for names", truth, (truth + 3) % 5),
        case("some ignored", np.where(rng.random(80) < 0.4, -1, truth), predicted),
        case("fewer regions than true ones", truth, np.minimum(predicted, 2)),
        case("many more regions", np.minimum(truth, 2), rng.integers(0, 30, 80)),
        case("one predicted region", truth, np.zeros(80, int)),
        case("two objects in one region", np.repeat([0, 1, 2], [40, 24, 16]), np.repeat([0, 1], [40, 40])),
        case("an object in two halves", np.repeat([0, 1], [40, 40]), np.repeat([0, 1, 2], [40, 20, 20])),
        case("the background takes a region", np.repeat([0, 0, 1], [40, 10, 30]), np.repeat([0, 1], [39, 41])),
        case("background alone", np.zeros(9, int), np.arange(9)),
        case("nothing labelled", np.full(5, -1), np.arange(5)),
    ]


expected = {
    "versions": {m.__name__: m.__version__ for m in (np, scipy, sklearn, skimage)},
    "rand_index": rand_index_cases(),
    "ranking": ranking_cases(),
    "otsu": otsu_cases(),
    "masks": mask_cases(),
    "best_overlap": best_overlap_cases(),
    "regions": region_cases(),
}
Path(__file__).with_name("expected.json").write_text(json.dumps(expected, indent=1) + "\n")
