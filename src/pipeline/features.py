"""From rows to what a model sees: the one definition, fitted on training rows, shipped inside the graph.

Numbers are clipped to quantiles of the training rows and filled where missing; categories that are rare,
unseen or missing share one bucket, "other". How both are then scaled and encoded is the model's need (`scale`
and `encode` in train.models).
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder
from sklearn.utils.validation import check_array, check_is_fitted

from pipeline.stage import Section

OTHER = "(other)"

Encoding = Literal["one_hot", "ordinal", "target"]


class Features(Section, frozen=True):
    """The columns a model takes, and how each kind is treated.

    `clip` are the lower and upper quantile beyond which numbers are clipped; `impute` fills missing numbers,
    `none` leaves them to a model that takes them. A category with fewer than `min_rows` training rows counts
    as "other".
    """

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    clip: tuple[float, float] = (0.0, 1.0)
    impute: Literal["median", "mean", "most_frequent", "none"] = "median"
    min_rows: int = 1

    @property
    def columns(self) -> list[str]:
        """All columns, numbers first."""
        return [*self.numbers, *self.categories]


def build(features: Features, *, scale: bool, encode: Encoding, seed: int) -> ColumnTransformer:
    """An unfitted transformer of a prepared data frame with the columns of `features`.

    `scale` standardises numbers, `encode` says what becomes of categories: a column each, one column of
    codes, or one column of the label's mean for them, which is learnt on folds of the training rows drawn
    from `seed`.
    """
    steps: list[tuple[str, Any]] = [("clip", QuantileClipper(*features.clip))]
    if features.impute != "none":
        # A column without any value stays, so that the graph has the columns of the signature.
        steps.append(("impute", SimpleImputer(strategy=features.impute, keep_empty_features=True)))
    if scale:
        steps.append(("scale", StandardScaler()))
    categories = Pipeline(
        [
            ("group", CategoryGrouper(features.min_rows)),
            ("encode", _encoder(encode, seed)),
        ]
    )
    parts = [
        ("numbers", Pipeline(steps), list(features.numbers)),
        ("categories", categories, list(features.categories)),
    ]
    return ColumnTransformer([part for part in parts if part[2]], verbose_feature_names_out=False)


def _encoder(encode: Encoding, seed: int) -> Any:
    if encode == "one_hot":
        return OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    if encode == "ordinal":
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return TargetEncoder(cv=KFold(5, shuffle=True, random_state=seed))


class QuantileClipper(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Clips each column to quantiles of the rows it was fitted on; missing stays missing.

    `low_` and `high_` (k,) float32, NaN for a column without a value, which is not clipped.
    """

    def __init__(self, low: float = 0.0, high: float = 1.0) -> None:
        self.low = low
        self.high = high

    def fit(self, X: Any, y: Any = None) -> "QuantileClipper":
        """Learn the quantiles of X (n, k)."""
        X = self._check(X)
        known = [column[~np.isnan(column)] for column in X.T]
        bounds = [
            np.quantile(column, [self.low, self.high]) if len(column) else (np.nan, np.nan)
            for column in known
        ]
        self.low_, self.high_ = np.asarray(bounds, dtype=np.float32).reshape(-1, 2).T.copy()
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """X (n, k) clipped."""
        check_is_fitted(self)
        X = self._check(X)
        raised = np.where(np.less(X, self.low_), self.low_, X)
        return np.where(np.greater(raised, self.high_), self.high_, raised)

    @staticmethod
    def _check(X: Any) -> NDArray[np.float32]:
        checked: NDArray[np.float32] = check_array(X, dtype=np.float32, ensure_all_finite="allow-nan")
        return checked


class CategoryGrouper(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replaces rare, unseen and missing text by OTHER; `kept_` are the values that stay, per column."""

    def __init__(self, min_rows: int = 1) -> None:
        self.min_rows = min_rows

    def fit(self, X: Any, y: Any = None) -> "CategoryGrouper":
        """Count the values of X (n, k), "" for missing."""
        X = np.asarray(X, dtype=object)
        self.kept_ = []
        for column in X.T:
            values, counts = np.unique(column, return_counts=True)
            frequent = values[(counts >= self.min_rows) & (values != "")]
            self.kept_.append(sorted(frequent.tolist()))
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> NDArray[np.object_]:
        """X (n, k) with OTHER in place of what was not kept."""
        check_is_fitted(self)
        X = np.asarray(X, dtype=object)
        kept = [set(values) for values in self.kept_]
        grouped = np.empty(X.shape, dtype=object)
        for index, values in enumerate(kept):
            grouped[:, index] = [value if value in values else OTHER for value in X[:, index]]
        return grouped


def _clipper_shape(operator: Any) -> None:
    rows = operator.inputs[0].get_first_dimension()
    operator.outputs[0].type = FloatTensorType([rows, len(operator.raw_operator.low_)])


def _convert_clipper(scope: Any, operator: Any, container: Any) -> None:
    """Less and Greater with Where, which let NaN pass as numpy does; Clip and Max differ between runtimes."""
    values = operator.inputs[0].full_name
    for bound, comparison in (("low", "Less"), ("high", "Greater")):
        limits = getattr(operator.raw_operator, f"{bound}_")
        name = scope.get_unique_variable_name(bound)
        container.add_initializer(name, TensorProto.FLOAT, [1, len(limits)], limits.tolist())
        beyond = scope.get_unique_variable_name("beyond")
        container.add_node(
            comparison, [values, name], [beyond], name=scope.get_unique_operator_name(comparison)
        )
        clipped = (
            operator.outputs[0].full_name if bound == "high" else scope.get_unique_variable_name("clipped")
        )
        container.add_node(
            "Where", [beyond, name, values], [clipped], name=scope.get_unique_operator_name("Where")
        )
        values = clipped


def _grouper_shape(operator: Any) -> None:
    rows = operator.inputs[0].get_first_dimension()
    operator.outputs[0].type = StringTensorType([rows, len(operator.raw_operator.kept_)])


def _convert_grouper(scope: Any, operator: Any, container: Any) -> None:
    """One LabelEncoder from text to text per column, whose default is OTHER."""
    columns = []
    for index, kept in enumerate(operator.raw_operator.kept_):
        place = scope.get_unique_variable_name("place")
        container.add_initializer(place, TensorProto.INT64, [1], [index])
        column, grouped = scope.get_unique_variable_name("column"), scope.get_unique_variable_name("grouped")
        container.add_node(
            "ArrayFeatureExtractor",
            [operator.inputs[0].full_name, place],
            [column],
            op_domain="ai.onnx.ml",
            name=scope.get_unique_operator_name("ArrayFeatureExtractor"),
        )
        container.add_node(
            "LabelEncoder",
            [column],
            [grouped],
            op_domain="ai.onnx.ml",
            op_version=2,
            # An encoder needs a key; OTHER maps to itself and changes nothing.
            keys_strings=[*kept, OTHER],
            values_strings=[*kept, OTHER],
            default_string=OTHER,
            name=scope.get_unique_operator_name("LabelEncoder"),
        )
        columns.append(grouped)
    container.add_node(
        "Concat",
        columns,
        [operator.outputs[0].full_name],
        axis=1,
        name=scope.get_unique_operator_name("Concat"),
    )


CONVERTERS = {
    QuantileClipper: (_clipper_shape, _convert_clipper),
    CategoryGrouper: (_grouper_shape, _convert_grouper),
}
"""For `mergegate.bundle.save`: how the transformers above are written as ONNX."""
