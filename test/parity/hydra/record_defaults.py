"""Which files, in which order and under which keys, Hydra makes of defaults lists: python record_defaults.py > defaults.json
(hydra-core 1.3.8). The tree is ours; it has the forms that Hydra's manual and its tests describe."""
import itertools
import json
import os
import tempfile
import warnings
from hydra import version
from hydra._internal.config_repository import CachingConfigRepository, ConfigRepository
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra._internal.defaults_list import create_defaults_list
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.errors import HydraException

warnings.simplefilter("ignore")
os.environ.update(OSC_CHOICE="f2")
Plugins.instance()
version.setbase("1.3")

GLOBAL = "# @package _global_\n"
FILES = {
    # groups of plain files
    **{f"g1/f{i}": "" for i in (1, 2, 3)},
    **{f"g2/f{i}": "" for i in (1, 2, 3)},
    **{f"g1/g2/f{i}": "" for i in (1, 2, 3)},
    "g1/sub/f1": "",
    "g1_g2/f1_f1": "",
    "g1_g2/f2_f1": "",
    "g1_g2/f1_f1_list": "defaults: [deep]",
    "g1_g2/deep": "",
    "g1_g2/f3_f1": "defaults: [{override /g1: f2}]",
    "empty": "",
    # files of g1 that lead on
    "g1/item1": "defaults: [{g2: f1}]",
    "g1/item2": "defaults: [{g2: f2}]",
    "g1/self_first": "defaults: [_self_, {g2: f1}]",
    "g1/self_last": "defaults: [{g2: f1}, _self_]",
    "g1/plain": "defaults: [f1]",
    "g1/plain_below": "defaults: [g2/f1]",
    "g1/plain_root": "defaults: [/g2/f1]",
    "g1/plain_pkg": "defaults: [f1@pkg]",
    "g1/plain_global": "defaults: [f1@_global_]",
    "g1/plain_here": "defaults: [g2/f1@_here_]",
    "g1/root": "defaults: [{/g2: f1}]",
    "g1/root_pkg": "defaults: [{/g2@pkg: f1}]",
    "g1/root_here": "defaults: [{/g2@_here_: f1}]",
    "g1/pkg": "defaults: [{g2@pkg: f1}]",
    "g1/header": "# @package head\ndefaults: [{g2: f1}]",
    "g1/header_global": GLOBAL + "defaults: [{g2: f1}]",
    "g1/header_deep": "# @package _global_.a.b\ndefaults: [f1, {/g2: f1}]",
    "g1/many": "defaults: [{g2: [f1, f2]}]",
    "g1/nothing": "defaults: [{g2: null}]",
    "g1/optional": "defaults: [{optional g2: zz}]",
    "g1/optional_there": "defaults: [{optional g2: f1}]",
    "g1/missing": "defaults: [{g2: '???'}]",
    "g1/not_there": "defaults: [{g2: zz}]",
    "g1/override_below": "defaults: [item1, {override g2: f3}]",
    "g1/override_root": "defaults: [{override /g2: f3}]",
    "g1/interpolated": "defaults: [{/g2: '${g1}'}]",
    "g1/circle": "defaults: [circle2]",
    "g1/circle2": "defaults: [circle]",
    "g1/two": "defaults: [{g2: f1}, {g2@other: f2}]",
    "g1/from_sub": "defaults: [{g2: f1}, sub/f1]",
    # experiments
    "exp/plain": GLOBAL + "defaults: [/g1/f1]",
    "exp/group": GLOBAL + "defaults: [{/g1: f3}]",
    "exp/override": GLOBAL + "defaults: [{override /g1: f2}]",
    "exp/override_both": GLOBAL + "defaults: [{override /g1: f2}, {override /g2: f3}]",
    "exp/override_item": GLOBAL + "defaults: [{override /g1: item2}, {override /g1/g2: f3}]",
    "exp/override_pkg": GLOBAL + "defaults: [{override /g1@pkg: f2}]",
    "exp/override_no_global": "defaults: [{override /g1: f2}]",
    "exp/override_relative": GLOBAL + "defaults: [{override g1: f2}]",
    "exp/override_first": GLOBAL + "defaults: [{override /g1: f2}, {/g2: f1}]",
    "exp/override_null": GLOBAL + "defaults: [{override /g1: null}]",
    "exp/override_many": GLOBAL + "defaults: [{override /g1: [f1, f3]}]",
    "exp/self_first": GLOBAL + "defaults: [_self_, {override /g1: f2}]",
    "exp/nested": GLOBAL + "defaults: [override, {/g2@x: f1}]",
    "exp/keys": "defaults: [{/g1@a: f1}, {/g1@b: f2}]",
    # where it starts
    "c_item": "defaults: [empty]",
    "c_group": "defaults: [{g1: f1}]",
    "c_self": "defaults: [_self_, {g1: f1}]",
    "c_self_between": "defaults: [{g1: f1}, _self_, {g2: f1}]",
    "c_two": "defaults: [{g1: f1}, {g2: f1}]",
    "c_pkg": "defaults: [{g1@pkg: f1}]",
    "c_item_pkg": "defaults: [empty@pkg]",
    "c_global": "defaults: [{g1@_global_: f1}]",
    "c_two_pkgs": "defaults: [{g1@a: f1}, {g1@b: f2}]",
    "c_nested_group": "defaults: [{g1/g2: f1}]",
    "c_twice": "defaults: [{g1: f1}, {g1: f2}]",
    "c_same_twice": "defaults: [{g1: f1}, {g1: f1}]",
    "c_override": "defaults: [{g1: f1}, {override g1: f2}]",
    "c_override_first": "defaults: [{override g1: f2}, {g1: f1}]",
    "c_override_none": "defaults: [{override g1: f2}]",
    "c_override_deep": "defaults: [{g1: item1}, {override g1/g2: f3}]",
    "c_exp": "defaults: [{g1: f1}, {g2: f1}, {optional exp: null}]",
    "c_exp_override": "defaults: [{g1: f1}, {g2: f1}, {exp: override}]",
    "c_many": "defaults: [{g1: [f1, f2]}]",
    "c_many_item": "defaults: [{g1: [item1, f2]}]",
    "c_many_none": "defaults: [{g1: []}]",
    "c_null": "defaults: [{g1: null}, {g2: f1}]",
    "c_missing": "defaults: [{g1: '???'}]",
    "c_optional": "defaults: [{optional g1: f1}, {optional g2: zz}, {optional g3: f1}]",
    "c_interpolated": "defaults: [{g1: f1}, {g2: f1}, {g1_g2: '${g1}_${g2}'}]",
    "c_interpolated_first": "defaults: [{g1_g2: '${g1}_${g2}'}, {g1: f1}, {g2: f1}]",
    "c_interpolated_item": "defaults: [{g1: f1}, {g2: f1}, 'g1_g2/${g1}_${g2}']",
    "c_interpolated_list": "defaults: [{g1: f1}, {g2: f1}, {g1_g2: '${g1}_${g2}_list'}]",
    "c_interpolated_pkg": "defaults: [{g1@a: f1}, {g2: '${g1@a}'}]",
    "c_interpolated_deep": "defaults: [{g1/g2: f2}, {g2: '${g1/g2}'}]",
    "c_interpolated_none": "defaults: [{g2: '${g9}'}]",
    "c_interpolated_append": "defaults: [{g2: '${g1}'}]",
    "c_interpolated_env": "defaults: [{g2: '${oc.env:OSC_CHOICE}'}]",
    "c_interpolated_env_default": "defaults: [{g2: '${oc.env:OSC_NOT_SET,f3}'}]",
    "c_interpolated_override": "defaults: [{g1: f3}, {g2: f1}, {g1_g2: '${g1}_${g2}'}]",
    "c_interpolated_options": "defaults: [{g1: f1}, {g2: ['${g1}']}]",
    "c_pkg_deep": "defaults: [{g1@a.b: item1}]",
    "c_group_keyword": "defaults: [{g1@_group_: f1}, {g1/g2@x._group_: f1}]",
    "c_self_twice": "defaults: [_self_, {g1: f1}, _self_]",
    "c_self_pkg": "defaults: [_self_@pkg]",
    "c_two_keys": "defaults: [{g1: f1, g2: f1}]",
    "c_number": "defaults: [3]",
    "c_item_missing": "defaults: [zz]",
    "c_group_missing": "defaults: [{zz: f1}]",
    "c_empty_list": "defaults: []",
    "c_sub": "defaults: [{g1: sub/f1}]",
    "c_up": "defaults: [{g1: ../g2/f1}]",
}  # fmt: skip

CASES = [[name, []] for name in FILES if name.startswith("c_")] + [["empty", []]]
CASES += [["c_group", [f"g1={name[3:]}"]] for name in FILES if name.startswith("g1/") and name.count("/") == 1]
CASES += [["c_exp", [f"exp={name[4:]}"]] for name in FILES if name.startswith("exp/")]
CASES += [["c_exp", [f"exp={name[4:]}", "g1=f3"]] for name in FILES if name.startswith("exp/")]
CASES += [["c_two", [f"+exp={name[4:]}"]] for name in FILES if name.startswith("exp/")]
CASES += [
    [config, [override]]
    for config, override in itertools.product(
        ["c_group", "c_two", "c_pkg", "c_two_pkgs", "c_many", "c_null", "c_global", "c_optional", "c_interpolated"],
        ["g1=f2", "+g1=f2", "~g1", "~g1=f1", "~g1=f2", "g1@pkg=f2", "+g1@pkg=f2", "~g1@pkg", "g1@a=f3", "g1@_global_=f2",
         "g1=[f2,f3]", "g1=null", "g1=sub/f1", "+g1/g2=f1", "g1='???'", "g1=zz", "++g1=f2", "~g2", "g2=f2"],
    )
]  # fmt: skip
CASES += [
    ["c_override", ["g1=f3"]],
    ["c_override_deep", ["g1/g2=f2"]],
    ["c_override_deep", ["g1=f1"]],
    ["c_exp_override", ["g1=f1"]],
    ["c_exp_override", ["~exp"]],
    ["c_exp", ["+exp=override"]],
    ["c_group", ["g1=item1", "g1/g2=f3"]],
    ["c_group", ["g1=pkg", "g1/g2@g1.pkg=f3"]],
    ["c_group", ["g1=pkg", "g1/g2=f3"]],
    ["c_group", ["g1=item1", "~g1/g2"]],
    ["c_group", ["+exp=group"]],
    ["c_two", ["+exp=override", "+g1/g2=f1"]],
    ["c_two", ["+g1@x=f1", "+g1@y=item1"]],
    ["c_two", ["+g1@x=f1", "g1@x=f2"]],
    ["c_interpolated", ["g1=f2"]],
    ["c_interpolated", ["g1_g2=f1_f1"]],
    ["c_interpolated", ["~g1_g2"]],
    ["c_missing", ["g1=f1"]],
    ["empty", ["+g1=[f1,f2]"]],
    ["c_override_none", ["+g1=f1"]],
    ["c_interpolated_none", ["+g9=f1"]],
    ["c_interpolated_append", ["+g1=f3"]],
    ["empty", ["+g1=item1", "+g2=f1"]],
]


def composed(repository, config, overrides):
    parsed = OverridesParser.create().parse_overrides(overrides)
    try:
        found = create_defaults_list(repository, config, parsed, prepend_hydra=False, skip_missing=False)
    except (HydraException, ValueError, AssertionError, RecursionError, AttributeError, TypeError):
        return None
    if found.config_overrides:
        return "value"
    return [f"{item.config_path}@{item.package}" for item in found.defaults]


with tempfile.TemporaryDirectory() as folder:
    for name, text in FILES.items():
        path = os.path.join(folder, name + ".yaml")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    search_path = ConfigSearchPathImpl()
    search_path.append("test", "file://" + folder)
    results = []
    for config, overrides in CASES:
        repository = CachingConfigRepository(ConfigRepository(config_search_path=search_path))
        results.append([config, overrides, composed(repository, config, overrides)])
lines = ",\n".join(f"    {json.dumps(case)}" for case in results)
files = ",\n".join(f"    {json.dumps(name)}: {json.dumps(text)}" for name, text in FILES.items())
print(f'{{\n  "files": {{\n{files}\n  }},\n  "cases": [\n{lines}\n  ]\n}}')
