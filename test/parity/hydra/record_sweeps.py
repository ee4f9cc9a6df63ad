"""The jobs that Hydra makes of a command line with --multirun: python record_sweeps.py > sweeps.json (hydra-core 1.3.8).
Of many jobs the first ones and the last are kept. An error is null."""
import json
import os
import tempfile
import warnings
from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins

warnings.simplefilter("ignore")
Plugins.instance()
version.setbase("1.3")

FILES = ["model/vit_obj_global", "model/vit_global_obj", "model/vit_global", "model/common", "losses/more_objects",
         "losses/more_global", "losses/zero_objects", "losses/l_global/ctr", "losses/l_global/sim", "data/10", "data/a b",
         "data/B", "data/a", "exp/x-1"]  # fmt: skip

REFERENCE = """hydra/launcher=submitit_slurm +slurm=slurm +losses=more_objects,more_global model=vit_obj_global model/obj_queries=sample
model.backbone.embed_dim=64,128,256 logging.group='slurm_sweep' lr_scheduler=linear1_cosine4_x5 lr_scheduler.decay.end_lr=0.0003
optimizer.start_lr=0.0007 optimizer.weight_decay=0.0001 model.backbone.num_heads=4,8 model.backbone.num_layers=2,4,6
model.obj_fn.num_iters=1,2,4"""

# one command line a line, overrides divided by two blanks
LINES = r"""
a=1
a=1  b=x y  c=[1,2]
a=1,2,4
a=1,2  b=x,y  c=3
c=3  a=1,2  b=x,y,z  d=5
+a=1,2  ++b=3,4  ~c=5,6
a@p=x,y  g/h=1,2
~a  b=1,2
a= 1 , 2 ,3
a='x,y','z'
a="x,y","it's"
a='x\'y',"a\"b"
a='',x
a=x y,z  b=p q
a=x\,y,z
a=x\ ,y\=z
a=[1,2],[3,4]
a=[1.0,2],[]
a=['x,y',z],[[1]]
a={b:1},{b:2,c:x y}
a={b:[1,{c:2.5}]},{}
a=1.0,2.0,3
a=1e-3,1e5,.5,5.
a=1_000,2_0
a=inf,-inf,1
a=nan,1
a=true,False,x
a=null,x
a=1,1
a=1,1.0
a=1,2  a=3
a=true,null,1,1.5,x,'1',[1],{b:1}
a=${b},c
a=?,*,%,$
a=/x/y,~z
a=-1,+2,-0.5
a=007,7,0
a=choice(1,2)
a=choice(1)
a=choice( x y , z )
a=choice(1,x,true,2.5,[1],{b:2})
a=choice('x,y',"z")
a=choice(a,null)
a=choice()
a=choice(1,choice(2,3))
a=choice(choice(1,2))
a=choice(int(1,2))
a=choice(range(3))
a=choice(x=1)
a=choice (1,2)
a=Choice(1,2)
a=chioce(1,2)
a=choice(1,2),3
a=[choice(1,2)]
a={b:choice(1,2)}
a=range(5)
a=range(1,5)
a=range(1,10,2)
a=range(10,1,-3)
a=range(-2,3)
a=range(0,1,0.1)
a=range(0,0.4,0.1)
a=range(0.1,0.5,0.1)
a=range(1,0,-0.1)
a=range(1e-5,5e-5,1e-5)
a=range(0,1,0.3)
a=range(1.0,4)
a=range(1,4,1.0)
a=range(1.5)
a=range(0,1e-20,3e-21)
a=range(1e15,1e15,0.1)
a=range(100000000000000000000.5,100000000000000100000.0,20000.0)
a=range(start=3)
a=range(stop=3)
a=range(start=1,stop=4)
a=range(stop=10,start=4,step=3)
a=range(5,stop=7)
a=range(1,step=2,stop=6)
a=range(1,stop=3,2)
a=range(1,2,3,4)
a=range(1,5,0)
a=range(0.0,3,0)
a=range(5,1)
a=range('3')
a=range(x)
a=range(null)
a=range()
a=range(3),5
a=range(2)  b=x,y
a=int(1.5,2.5)
a=int(choice(1.5,2.5))
a=int(choice(1.5,x))
a=int(range(0.5,3.5))
a=int(range(0,2,0.5))
a=float(range(3))
a=float(1,2)
a=str(1,2.0,x)
a=str(choice(1,true))
a=str(range(3))
a=bool(0,1)
a=bool(choice(true,'false'))
a=int(value=choice(1.5,3.5))
a=int()
a=sort(3,1,2)
a=sort(3,1,2,reverse=true)
a=sort(c,a,b)
a=sort(B,a,C,_x)
a=sort(2,1.5,true)
a=sort(1,a)
a=sort(null,1)
a=sort()
a=sort(x)
a=sort([3,1,2])
a=sort([3,1,2],reverse=true)
a=sort(list=[2,1])
a=sort(choice(3,1,2))
a=sort(choice(3,1,2),reverse=true)
a=sort(choice([2],[1]))
a=sort(sweep=choice(2,1))
a=sort(range(1,5),reverse=true)
a=sort(range(1,10,2),reverse=true)
a=sort(range(10,1,-3))
a=sort(range(5))
a=sort(3,1,reverse=1)
a=sort(interval(1,2))
a=sort(1,2)  b=sort(y,x)
a=tag(x,choice(1,2))
a=tag(x,y,range(3))
a=tag(choice(1,2))
a=tag(x,sweep=choice(1,2))
a=tag(sweep=choice(1,2))
a=tag(x,1,2)
a=tag(1,choice(1,2))
a=tag()
a=tag(x)
a=sort(tag(x,choice(2,1)))
a=tag(x,sort(choice(2,1)))
a=interval(1,2)
a=interval(1)
model=glob(*)
model=glob(vit*)
model=glob([vit_o*,c*])
model=glob(*,exclude=vit*)
model=glob(*,exclude=[vit*,x])
model=glob(include=[vit_*],exclude=*obj*)
model=glob(vit_global?obj)
model=glob('[cv]*l')
model=glob('vit_[!o]*')
+losses=glob(*)  model=vit_global,common
losses/l_global=glob(*)
+data=glob(*)
+data@x=glob([A*,B*,a*])
model=glob(*),x
model=glob()
model=glob(1)
model=sort(glob(*))
model=choice(glob(*))
model=tag(x,glob(*))
model=vit_global,vit_obj_global  a=1,2
losses=[more_objects,more_global],[zero_objects]
a=
a=,1
a=1,
a=1,,2
a=[1,2
a=1 2,3
a=x,=y
a=b:c,d
a=x(,y
=1,2
a
+a
a=f(1)
a==1,2
a='1,2
"""


def jobs(loader, overrides):
    try:
        parsed = OverridesParser.create(config_loader=loader).parse_overrides(overrides)
        found = BasicSweeper.split_arguments(parsed, None)[0]
    except Exception:
        return None
    return found if len(found) <= 30 else {"count": len(found), "first": found[:8], "last": found[-1]}


with tempfile.TemporaryDirectory() as folder:
    for name in FILES:
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        open(os.path.join(folder, name + ".yaml"), "w").close()
    search_path = ConfigSearchPathImpl()
    search_path.append("test", "file://" + folder)
    loader = ConfigLoaderImpl(config_search_path=search_path)
    lines = [REFERENCE.split()] + [line.split("  ") for line in LINES.strip("\n").split("\n")]
    cases = [json.dumps([line, jobs(loader, line)]) for line in lines]
text = ",\n".join(f"    {case}" for case in cases)
print(f'{{\n  "files": {json.dumps(FILES)},\n  "cases": [\n{text}\n  ]\n}}')
