"""Makes expected.json: clusters of scikit-learn and SciPy on small random points.

    python -m venv VENV && VENV/bin/pip install numpy scipy scikit-learn
    VENV/bin/python test/parity/clusters/make_expected.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_rand_score

rng = np.random.default_rng(20261129)


def numbers(array):
    return np.asarray(array).ravel().tolist()


def case(name, points, ks):
    points = np.asarray(points).astype(np.float32).astype(np.float64)

    def average(k, metric):
        labels = AgglomerativeClustering(k, metric=metric, linkage="average").fit_predict(points)
        of_scipy = fcluster(linkage(points, "average", metric), k, "maxclust")
        assert adjusted_rand_score(labels, of_scipy) == 1
        return numbers(labels)

    def k_means(k):
        start = points[rng.choice(len(points), k, replace=False)]
        fitted = KMeans(k, init=start, n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(points)
        assert len(set(fitted.labels_)) == k  # of empty clusters ours is not scikit-learn's
        best = KMeans(k, n_init=50, random_state=0).fit(points).inertia_
        return {
            "start": numbers(start),
            "labels": numbers(fitted.labels_),
            "inertia": float(fitted.inertia_),
            "best": float(best),
        }

    return {
        "name": name,
        "width": points.shape[1],
        "points": numbers(points),
        "cuts": [
            {"k": k, "euclidean": average(k, "euclidean"), "cosine": average(k, "cosine"), "k_means": k_means(k)}
            for k in ks
        ],
    }


def blobs(count, width, centres, spread):
    at = rng.normal(size=(centres, width))
    return at[rng.integers(0, centres, count)] + spread * rng.normal(size=(count, width))


expected = {
    "versions": {m.__name__: m.__version__ for m in (np, scipy, sklearn)},
    "cases": [
        case("far apart", blobs(60, 4, 5, 0.05), [1, 2, 5, 7]),
        case("overlapping", blobs(80, 6, 4, 0.7), [2, 4, 9]),
        case("without structure", rng.normal(size=(70, 3)), [1, 3, 6, 70]),
        case("of all lengths", rng.normal(size=(50, 5)) * 10.0 ** rng.integers(-2, 3, (50, 1)), [2, 5]),
        case("an outlier", np.concatenate([blobs(40, 2, 2, 0.1), [[50, 50]]]), [2, 3, 4]),
        case("few coordinates", rng.normal(size=(30, 2)), [2, 4]),
    ],
}
Path(__file__).with_name("expected.json").write_text(json.dumps(expected) + "\n")
