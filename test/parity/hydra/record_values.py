"""What Hydra's override grammar makes of values: python record_values.py > values.json (hydra-core 1.3.8)."""
import json
from hydra.core.override_parser.overrides_parser import OverridesParser

VALUES = r"""
int(3.7)|int(-3.7)|int('10')|int(abc)|int('3.7')|int('')|int(' 4 ')|int(true)|int(false)|int(null)|int([1.5,2])|int({a:1.5})
int(1e3)|int('1_0')|int('0x10')|int(inf)|float(2)|float('2')|float('1e3')|float(abc)|float('nan')|float(' inf ')|float(true)
float(null)|float([1,2])|float('')|str(10)|str(10.0)|str(1e-05)|str(0.00001)|str(1e5)|str(true)|str(null)|str(abc)|str('a b')
str(inf)|str(nan)|str(1e16)|str(123456789012345678.0)|str(-0.0)|str(0.0001)|str(float(3))|bool(0)|bool(1)|bool(0.0)|bool(2.5)
bool(nan)|bool(true)|bool('true')|bool(TRUE)|bool(yes)|bool('')|bool(null)|bool([0,1])|bool(abc)
010|007|10_000|1__0|1_|0x10|1e3|1E3|1e-05|.5|5.|5.e3|-.5|+5|-0|00|0|1.0|1.50|inf|-inf|+inf|nan|NaN|yes|no|on|off|True|TRUE
null|Null|none|1:30|1_000.5|1e400|???|a@b|a|a?b|-1|--1|1-2|1e|e1|1.2.3|1e1_0|1_0e1|.|..|-|a.b|/a|a/b|a:b
"""


def read(value):
    try:
        found = OverridesParser.create().parse_override("k=" + value).value()
    except Exception:
        return {"error": True}
    return {"float": repr(found)} if isinstance(found, float) else {"value": found}


WORDS = [word for line in VALUES.strip().split("\n") for word in line.split("|")]
print("{\n" + ",\n".join(f"  {json.dumps(word)}: {json.dumps(read(word))}" for word in WORDS) + "\n}")
