"""The Azure CLI with its network commands alone, whose arguments are parsed and printed as JSON and
sent nowhere. Run by the Python that has the packages azure-cli and azure-cli-core."""

from __future__ import annotations

import json
import sys
from typing import Any

from azure.cli.core import MainCommandsLoader, get_default_cli
from azure.cli.core.aaz._command import AAZCommand
from azure.cli.core.commands import _load_module_command_loader

MODULE = "network"
_parse = AAZCommand._handler


def _load(self: Any, arguments: Any) -> Any:
    commands, groups, loader = _load_module_command_loader(self, arguments, MODULE)
    for name, command in commands.items():
        command.command_source = MODULE
        self.cmd_to_loader_map[name] = [loader]
    self.command_table.update(commands)
    self.command_group_table.update(groups)
    return self.command_table


def _shown(self: Any, arguments: Any) -> None:
    _parse(self, arguments)
    sys.stdout.write(json.dumps(self.ctx.args.to_serialized_data()))
    raise SystemExit(0)


MainCommandsLoader.load_command_table = _load
AAZCommand._handler = _shown
sys.exit(get_default_cli().invoke(sys.argv[1:]))
