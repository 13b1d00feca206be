"""One Spark for all tests of a process that want a second engine: local, nothing beyond 127.0.0.1."""

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from pyspark.sql import SparkSession

from mergegate.dataset.spark import Spark


@contextmanager
def spark_engine() -> Iterator[Spark]:
    """An engine on the one session of this process; starting it takes seconds, once."""
    with Spark(_session()) as engine:
        yield engine


@cache
def _session() -> SparkSession:
    # Before Java starts: it would ask for this machine's name, which need not resolve.
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    folder = Path(mkdtemp(prefix="mergegate-spark-"))
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={folder} -XX:TieredStopAtLevel=1",
        "spark.sql.shuffle.partitions": "1",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.log.level": "ERROR",
    }
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(session.stop)
    return session
