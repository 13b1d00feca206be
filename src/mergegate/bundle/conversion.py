"""From a fitted scikit-learn estimator to an ONNX graph."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mergegate.errors import UsageError
from mergegate.records.manifest import InputColumn, Outputs

OPSET = {"": 18, "ai.onnx.ml": 3}
"""Versions of the operators: fixed, so that a newer library writes the same graph."""

Converters = Mapping[type, tuple[Callable[..., None], Callable[..., None]]]
"""Transformer class → (shape calculator, converter) as skl2onnx takes them, for classes of your own."""


class Graph(msgspec.Struct, frozen=True):
    """The ONNX model's bytes, its inputs with their tensors' names, and its outputs."""

    model: bytes
    inputs: tuple[InputColumn, ...]
    outputs: Outputs


def convert(
    estimator: Any, name: str, inputs: tuple[InputColumn, ...], *, probabilities: bool, converters: Converters
) -> Graph:
    """Convert a fitted estimator that takes a data frame with the columns of `inputs`.

    Raises UsageError when skl2onnx can't, with the part it does not know.
    """
    types = [
        (column.name, FloatTensorType([None, 1]) if column.kind == "number" else StringTensorType([None, 1]))
        for column in inputs
    ]
    model = _convert(estimator, name, types, converters)
    tensors = [tensor.name for tensor in model.graph.input]
    if len(tensors) != len(inputs):
        unused = sorted({column.name for column in inputs} - set(tensors))
        raise UsageError(
            f"the estimator does not use {', '.join(unused)}", hint="give `save` only the columns it uses"
        )
    outputs = [tensor.name for tensor in model.graph.output]
    if not probabilities:
        # skl2onnx names raw scores `probabilities` too: nobody may take them for such.
        del model.graph.output[1:]
    elif len(outputs) != 2:
        raise UsageError(f"the graph has the outputs {', '.join(outputs)}, not a label and probabilities")
    # The manifest says which library wrote it; without it the file depends on the model alone.
    model.ClearField("producer_version")
    # skl2onnx keeps them in a set, whose order differs from process to process.
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    return Graph(
        model=model.SerializeToString(deterministic=True),
        inputs=tuple(
            msgspec.structs.replace(column, tensor=tensor)
            for column, tensor in zip(inputs, tensors, strict=True)
        ),
        outputs=Outputs(prediction=outputs[0], probabilities=outputs[1] if probabilities else None),
    )


def _convert(estimator: Any, name: str, types: list[tuple[str, Any]], converters: Converters) -> Any:
    settings = {
        "target_opset": OPSET,
        "custom_shape_calculators": {kind: pair[0] for kind, pair in converters.items()},
        "custom_conversion_functions": {kind: pair[1] for kind, pair in converters.items()},
    }
    final = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    if not _takes_columns(estimator, converters):
        estimator = _joined(estimator, [name for name, _ in types])
    try:
        with warnings.catch_warnings():
            # skl2onnx reads attributes that scikit-learn has deprecated; nothing that a user could mend.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            if not hasattr(final, "classes_"):
                return convert_sklearn(estimator, name, types, **settings)
            return convert_sklearn(estimator, name, types, options={id(final): {"zipmap": False}}, **settings)
    # skl2onnx has no error tree: NameError, RuntimeError, KeyError, NotImplementedError all mean "can't".
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        raise UsageError(
            f"skl2onnx can't convert {type(final).__name__} or a step before it:"
            f" {type(error).__name__}: {lines[0][:300]}",
            hint="choose an estimator that skl2onnx supports, or pass a converter of your own",
        ) from error


def _takes_columns(estimator: Any, converters: Converters) -> bool:
    """Whether some part picks columns by name; all others take them side by side in one tensor."""
    return any(isinstance(part, (ColumnTransformer, *converters)) for part in parts(estimator))


def parts(estimator: Any) -> list[Any]:
    """The estimator and every estimator inside it."""
    inside = estimator.get_params(deep=True).values() if hasattr(estimator, "get_params") else ()
    return [estimator, *(value for value in inside if hasattr(value, "get_params"))]


def _joined(estimator: Any, columns: list[str]) -> Pipeline:
    """The same with a step before it that puts the columns side by side."""
    step = ColumnTransformer([("columns", "passthrough", columns)])
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    # To fit it is to learn the names.
    return Pipeline([("columns", step.fit(pd.DataFrame(0.0, index=[0], columns=columns))), *steps])
