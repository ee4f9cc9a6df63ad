"""How Hydra reads words without quotes in YAML: python record_scalars.py > scalars.json (hydra-core 1.3.8, omegaconf 2.3.1)."""
import json
import yaml
from omegaconf._utils import get_yaml_loader

WORDS = """
0 1 -1 +1 007 010 08 09 0_7 10_000 1__0 1_ _1 -0 +010 -010 0x1F 0X1F 0x_f -0x10 0b101 0b1_1 0o10 0b2 0x 0b 00 000 0777 0o777
1:30 1:30:10 0:30 1:60 1:2:3:4 -1:30 12:30:45.5 190:20:30.15
1.0 1. .5 -.5 +.5 1e3 1E3 1e+3 1e-3 1.e3 1.5e3 -1.5E-3 .5e3 .5e+3 1_0.5 1.5_0 1_0e3 1e1_0 0. 0.0 -0.0 0.1 012.5 12e03 1e400
7e-4 3e-4 1.0e-4 1e5 5._ ._5 _.5 .e3 . + -- e3 1e 1.2.3 1,000 1.5f
.inf -.inf +.inf .Inf .INF .iNF inf -inf nan .nan .NaN .NAN -.nan Infinity
yes Yes YES yEs no No NO true True TRUE tRue false False FALSE on On ON off Off OFF y n Y N null Null NULL nUll ~ None ???
2001-12-14 2001-12-14T21:59:43Z 9007199254740991 -9007199254740991
""".split()


def recorded(word):
    value = yaml.load(f"k: {word}\n", Loader=get_yaml_loader())["k"]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return {type(value).__name__: repr(value)}


print("{\n" + ",\n".join(f"  {json.dumps(word)}: {json.dumps(recorded(word))}" for word in WORDS) + "\n}")
