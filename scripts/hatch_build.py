"""What installation does besides copying files: it compiles the C engine, where there is a compiler."""

from __future__ import annotations

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledEngine(BuildHookInterface):  # type: ignore[misc]
    """Compiles the kernel into the source tree, from where a wheel takes it and an editable installation uses it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Called before the files of a wheel are collected."""
        script = runpy.run_path(str(Path(self.root) / "scripts/build_kernel.py"))
        made = script["compile_kernel"]()
        if made is None:
            return
        build_data["artifacts"].append(str(made.relative_to(self.root)))
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"  # it needs this platform, and any Python
