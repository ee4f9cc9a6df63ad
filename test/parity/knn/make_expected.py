"""Makes expected.json: votes of nearest neighbours by scikit-learn, each sample left out once.

    python -m venv VENV && VENV/bin/pip install numpy scikit-learn
    VENV/bin/python test/parity/knn/make_expected.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

rng = np.random.default_rng(20240608)


def numbers(array):
    return np.asarray(array).ravel().tolist()


def case(name, features, counts, answers, k, temperature):
    features = np.round(features, 3)
    wide = features.astype(np.float32).astype(np.float64)

    def weights(distances):
        return np.exp((1 - distances) / temperature)

    def votes(labels, method):
        classifier = KNeighborsClassifier(k, metric="cosine", algorithm="brute", weights=weights)
        return cross_val_predict(classifier, wide, labels, cv=LeaveOneOut(), method=method)

    # without a query each sample is left out of its own neighbours
    _, indices = NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute").fit(wide).kneighbors()
    asked = [v for v in range(answers.shape[1]) if 1 < answers[:, v].sum() < len(answers) - 1]
    scores = [votes(answers[:, v], "predict_proba")[:, 1] for v in asked]
    return {
        "name": name,
        "k": k,
        "temperature": temperature,
        "num_images": len(features),
        "features": numbers(features),
        "counts": numbers(counts),
        "answers": answers[:, asked].tolist(),
        "indices": numbers(indices),
        "accuracy": float(accuracy_score(counts, votes(counts, "predict"))),
        "map": float(np.mean([average_precision_score(answers[:, v], s) for v, s in zip(asked, scores)])),
        "auroc": float(np.mean([roc_auc_score(answers[:, v], s) for v, s in zip(asked, scores)])),
    }


def clustered(num_images, width, noise):
    """Features around one centre a number of objects, and answers that depend on their signs."""
    centres = rng.normal(size=(4, width))
    counts = rng.integers(0, 4, num_images)
    features = centres[counts] + noise * rng.normal(size=(num_images, width))
    answers = (features @ rng.normal(size=(width, 6)) + rng.normal(size=(num_images, 6)) > 0.5).astype(int)
    return features, counts, answers


expected = {
    "versions": {m.__name__: m.__version__ for m in (np, sklearn)},
    "cases": [
        case("default temperature", *clustered(60, 8, 1.0), k=20, temperature=0.07),
        case("one neighbour", *clustered(40, 5, 0.8), k=1, temperature=0.07),
        case("nearly equal votes", *clustered(50, 6, 1.5), k=9, temperature=100.0),
        case("all others", *clustered(25, 4, 1.0), k=24, temperature=0.02),
    ],
}
Path(__file__).with_name("expected.json").write_text(json.dumps(expected) + "\n")
