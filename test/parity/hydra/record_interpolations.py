"""What OmegaConf makes of interpolations: python record_interpolations.py > interpolations.json (omegaconf 2.3.1)."""
import json
import os
import warnings
from omegaconf import OmegaConf

warnings.simplefilter("ignore")
TEXTS = r"""
${oc.env:OSC_A,none}
${oc.env:OSC_MISSING,${g}}
${oc.env:OSC_MISSING,"a}b"}
${oc.env:OSC_MISSING,'x, ${g}'}
${oc.env:OSC_MISSING,10}
${oc.env:OSC_MISSING,1e-5}
x${oc.env:OSC_MISSING,1e-5}
x${oc.env:OSC_MISSING,10.0}
${oc.env:OSC_MISSING,null}
${oc.env:OSC_MISSING,true}
${oc.env:OSC_MISSING,}
${oc.env:OSC_MISSING}
${oc.env:OSC_N}
${oc.decode:${oc.env:OSC_N}}
${oc.decode:'[1, 2]'}
x${f}
x${i}
x${b}
x${n}
x${one}
x${big}
x${tiny}
x${e16}
x${e15}
x${minus}
${sec.${k}}
${sec.${k}}/y
${${key}}
${.g}
${..g}
${l[0]}
${l.1}
${l[7]}
${sec[a]}
${sec.a}${sec.b}
\${g}
\\${g}
\\\${g}
a\b
${oc.env:OSC_A${g},x}
${oc.env:${e},x}
${oc.env:OSC_MISSING,a b}
${oc.env:OSC_MISSING, a b }
${oc.env: OSC_A ,x}
${ g }
${}
${g}}
{${g}}
$g
$${g}
${oc.select:sec.a}
${oc.select:sec.zz,def}
${oc.select:zz}
${oc.env:OSC_MISSING,a:b}
${oc.env:OSC_MISSING,/a/b}
${oc.env:OSC_MISSING,${g}/x}
${oc.env:OSC_MISSING,~/x}
${oc.env:OSC_MISSING,${oc.env:OSC_A}}/x
${oc.env:OSC_A,${g}}/x
${oc.env:OSC_MISSING,${oc.env:OSC_MISSING,${g}}}
${oc.env:OSC_MISSING,a,b}
${oc.env:OSC_MISSING,"it's"}
${oc.env:OSC_MISSING,it's}
${oc.env:OSC_MISSING,a\,b}
${oc.env:OSC_MISSING,"a\"b"}
${oc.env:OSC_MISSING,"${oc.env:OSC_A}"}
${foo:1}
${g
${g:
${zz}
${sec}
${lit}
"""
VALUES = dict(
    g="G", k="a", key="g", sec=dict(a=1, b=2), f=1e-5, i=3, b=False, n=None, one=1.0, l=[1, 2], e="OSC_A",
    big=1e22, tiny=1.5e-7, e16=1e16, e15=123456789012345.0, minus=-0.5, lit="x${g}",
)  # fmt: skip
os.environ.update(OSC_A="/data", OSC_N="10")


def worked_out(text):
    try:
        return {"value": OmegaConf.to_container(OmegaConf.create({"t": text, **VALUES}), resolve=True)["t"]}
    except Exception as error:
        return {"error": type(error).__name__}


print("{\n" + ",\n".join(f"  {json.dumps(t)}: {json.dumps(worked_out(t))}" for t in TEXTS.strip("\n").split("\n")) + "\n}")
