// Each op: its arguments in order, their checks, the kernel. Shapes are those of kernels.h.
#include "ops.h"
#include "kernels.h"

namespace osc {

namespace {

const Kernels& kernels(Call& c) { return *c.ctx.kernels; }

void unary(Call& c) {
  const int op = c.choice("op", UNARY_COUNT);
  const float alpha = c.number("alpha");
  const float* const x = c.floats("x");
  const int64_t n = c.length();
  float* const y = c.out("y", n);
  if (c.to_do()) kernels(c).unary(c.ctx, op, x, y, n, alpha);
}

// Takes the plan: rank dimensions, then as many strides of the first array, then of the second.
Strided strided(Call& c) {
  const int32_t* const plan = c.ints("plan");
  const int64_t length = c.length();
  if (length == 0 || length % 3 != 0 || length > 3 * 16) c.fail("plan", "must have three numbers an axis, of 1 to 16 axes");
  for (int64_t i = 0; plan && i < length; i++)
    if (plan[i] < 0) c.fail("plan", "must not have negative numbers");
  const int rank = (int)(length / 3);
  return {rank, plan, plan + rank, plan + 2 * rank};
}

// The elements that strides reach, or -1 beyond what memory can hold.
int64_t reach(const Strided& s, const int32_t* strides) {
  double last = 0;
  for (int i = 0; i < s.rank; i++) {
    if (s.dims[i] == 0) return 0;
    last += (double)(s.dims[i] - 1) * strides[i];
  }
  return last > 1e15 ? -1 : (int64_t)last + 1;
}

int64_t count(const Strided& s) {
  double n = 1;
  for (int i = 0; i < s.rank; i++) n *= s.dims[i];
  return n > 1e15 ? -1 : (int64_t)n;
}

bool fits(int64_t reached, int64_t length) { return reached >= 0 && reached <= length; }

void binary(Call& c) {
  const int op = c.choice("op", BINARY_COUNT);
  const Strided s = strided(c);
  const float* const a = c.floats("a");
  const int64_t length_a = c.length();
  const float* const b = c.floats("b");
  const int64_t length_b = c.length();
  float* const y = c.floats_out("y");
  const int64_t length_y = c.length();
  if (!c.ready()) return;
  if (!fits(reach(s, s.strides_a), length_a)) return c.fail("a", "is shorter than the plan");
  if (!fits(reach(s, s.strides_b), length_b)) return c.fail("b", "is shorter than the plan");
  if (count(s) != length_y) return c.fail("y", "has not the plan's size");
  if (s.strides_a[s.rank - 1] > 1 || s.strides_b[s.rank - 1] > 1) return c.fail("plan", "must end with strides of 0 or 1");
  kernels(c).binary(c.ctx, op, a, b, y, s);
}

void copy(Call& c) {
  const int64_t from = c.size("from"), to = c.size("to");
  const Strided s = strided(c);
  const float* const x = c.floats("x");
  const int64_t length_x = c.length();
  float* const y = c.floats_out("y");
  const int64_t length_y = c.length();
  if (!c.ready()) return;
  if (!fits(reach(s, s.strides_a), length_x - from)) return c.fail("x", "is shorter than the plan");
  if (!fits(reach(s, s.strides_b), length_y - to)) return c.fail("y", "is shorter than the plan");
  // a plan of strides of 0 could go on for days
  if (!fits(count(s), length_y)) return c.fail("plan", "copies more than y holds");
  kernels(c).copy(c.ctx, x + from, y + to, s);
}

void fill(Call& c) {
  const float value = c.number("value");
  float* const y = c.floats_out("y");
  const int64_t n = c.length();
  if (c.to_do()) kernels(c).fill(c.ctx, y, n, value);
}

void reduce(Call& c) {
  const int op = c.choice("op", REDUCE_COUNT);
  const int64_t outer = c.size("outer"), n = c.size("n"), inner = c.size("inner");
  const float scale = c.number("scale");
  const float* const x = c.in("x", {outer, n, inner});
  float* const y = c.out("y", {outer, inner});
  if (c.ready() && outer * inner > 0) kernels(c).reduce(c.ctx, op, x, y, outer, n, inner, scale);
}

void softmax(Call& c) {
  const int64_t outer = c.size("outer"), n = c.size("n"), inner = c.size("inner");
  const float* const x = c.in("x", {outer, n, inner});
  float* const y = c.out("y", {outer, n, inner});
  if (c.to_do()) kernels(c).softmax(c.ctx, x, y, outer, n, inner);
}

void softmax_grad(Call& c) {
  const int64_t outer = c.size("outer"), n = c.size("n"), inner = c.size("inner");
  const float* const y = c.in("y", {outer, n, inner});
  const float* const dy = c.in("dy", {outer, n, inner});
  float* const dx = c.out("dx", {outer, n, inner});
  if (c.to_do()) kernels(c).softmax_grad(c.ctx, y, dy, dx, outer, n, inner);
}

void matmul(Call& c) {
  MatmulArgs m{};
  m.batch = c.size("batch"), m.m = c.size("m"), m.n = c.size("n"), m.k = c.size("k");
  m.transpose_a = c.flag("transposeA"), m.transpose_b = c.flag("transposeB");
  const int32_t* const offsets = c.ints("offsets", {m.batch, 2});
  const float* const a = c.floats("a");
  const int64_t length_a = c.length();
  const float* const b = c.floats("b");
  const int64_t length_b = c.length();
  float* const y = c.out("c", {m.batch, m.m, m.n});
  if (!c.ready()) return;
  for (int64_t i = 0; i < m.batch; i++) {
    const double last_a = offsets[2 * i] + (double)m.m * (double)m.k, last_b = offsets[2 * i + 1] + (double)m.k * (double)m.n;
    if (offsets[2 * i] < 0 || last_a > (double)length_a) return c.fail("a", "is shorter than the offsets and [m, k] ask");
    if (offsets[2 * i + 1] < 0 || last_b > (double)length_b) return c.fail("b", "is shorter than the offsets and [k, n] ask");
  }
  kernels(c).matmul(c.ctx, m, a, b, y, offsets);
}

LinearArgs linear_args(Call& c) {
  LinearArgs a{};
  a.rows = c.size("rows"), a.in = c.size("in"), a.out = c.size("out");
  a.epsilon = c.number("epsilon");
  a.x = c.in("x", {a.rows, a.in});
  a.gamma = c.in_or_null("gamma", a.in);
  a.beta = c.in_or_null("beta", a.in);
  a.weight = c.in("weight", {a.out, a.in});
  if (!a.gamma != !a.beta) c.fail("gamma", "and beta go together");
  return a;
}

void linear(Call& c) {
  LinearArgs a = linear_args(c);
  a.bias = c.in_or_null("bias", a.out);
  const float* const residual = c.in_or_null("residual", {a.rows, a.out});
  float* const y = c.out("y", {a.rows, a.out});
  if (c.to_do()) kernels(c).linear(c.ctx, a, residual, y);
}

void linear_grad(Call& c) {
  const LinearArgs a = linear_args(c);
  const float* const dy = c.in("dy", {a.rows, a.out});
  float* const dx = c.out_or_null("dx", {a.rows, a.in});
  float* const dweight = c.out_or_null("dweight", {a.out, a.in});
  float* const dbias = c.out_or_null("dbias", a.out);
  float* const dgamma = c.out_or_null("dgamma", a.in);
  float* const dbeta = c.out_or_null("dbeta", a.in);
  if (!dgamma != !dbeta || (dgamma && !a.gamma)) c.fail("dgamma", "and dbeta go together, and with gamma");
  if (a.gamma && dx && !dgamma) c.fail("dgamma", "is needed where dx is");
  if (c.to_do()) kernels(c).linear_grad(c.ctx, a, dy, dx, dweight, dbias, dgamma, dbeta);
}

MlpArgs mlp_args(Call& c) {
  MlpArgs a{};
  a.rows = c.size("rows"), a.width = c.size("width"), a.hidden = c.size("hidden");
  a.activation = c.choice("activation", ACTIVATION_COUNT);
  a.epsilon = c.number("epsilon");
  a.x = c.in("x", {a.rows, a.width});
  a.gamma = c.in("gamma", a.width);
  a.beta = c.in("beta", a.width);
  a.weight1 = c.in("weight1", {a.hidden, a.width});
  a.bias1 = c.in("bias1", a.hidden);
  a.weight2 = c.in("weight2", {a.width, a.hidden});
  a.bias2 = c.in("bias2", a.width);
  return a;
}

void mlp(Call& c) {
  const MlpArgs a = mlp_args(c);
  float* const y = c.out("y", {a.rows, a.width});
  if (c.to_do()) kernels(c).mlp(c.ctx, a, y);
}

void mlp_grad(Call& c) {
  const MlpArgs a = mlp_args(c);
  const float* const dy = c.in("dy", {a.rows, a.width});
  MlpGradients g{};
  g.dx = c.out("dx", {a.rows, a.width});
  g.dgamma = c.out("dgamma", a.width);
  g.dbeta = c.out("dbeta", a.width);
  g.dweight1 = c.out("dweight1", {a.hidden, a.width});
  g.dbias1 = c.out("dbias1", a.hidden);
  g.dweight2 = c.out("dweight2", {a.width, a.hidden});
  g.dbias2 = c.out("dbias2", a.width);
  if (!c.to_do()) return;
  if (a.width == 0) kernels(c).fill(c.ctx, g.dbias1, a.hidden, 0);  // however many rows there are
  else kernels(c).mlp_grad(c.ctx, a, dy, g);
}

LayerNormArgs layer_norm_args(Call& c) {
  LayerNormArgs a{};
  a.rows = c.size("rows"), a.width = c.size("width");
  a.epsilon = c.number("epsilon");
  a.x = c.in("x", {a.rows, a.width});
  a.gamma = c.in("gamma", a.width);
  a.beta = c.in("beta", a.width);
  return a;
}

void layer_norm(Call& c) {
  const LayerNormArgs a = layer_norm_args(c);
  float* const y = c.out("y", {a.rows, a.width});
  if (c.to_do()) kernels(c).layer_norm(c.ctx, a, y);
}

void layer_norm_grad(Call& c) {
  const LayerNormArgs a = layer_norm_args(c);
  const float* const dy = c.in("dy", {a.rows, a.width});
  float* const dx = c.out("dx", {a.rows, a.width});
  float* const dgamma = c.out("dgamma", a.width);
  float* const dbeta = c.out("dbeta", a.width);
  if (c.to_do()) kernels(c).layer_norm_grad(c.ctx, a, dy, dx, dgamma, dbeta);
}

void gelu_grad(Call& c) {
  const float* const dy = c.floats("dy");
  const int64_t n = c.length();
  const float* const x = c.in("x", n);
  float* const dx = c.out("dx", n);
  if (c.to_do()) kernels(c).gelu_grad(c.ctx, dy, x, dx, n);
}

// Self-attention reads q, k and v from the thirds of one array; cross-attention has q apart, and k and v in halves.
struct Attention {
  AttentionArgs args;
  Shape q, kv, o, lse;
  bool self;
};
Attention attention_args(Call& c) {
  AttentionArgs a{};
  const bool self = c.flag("self");
  a.batch = c.size("batch"), a.heads = c.size("heads"), a.depth = c.size("depth");
  a.rows = c.size("rows"), a.columns = c.size("columns");
  a.scale = c.number("scale");
  const int64_t width = a.heads * a.depth;
  if (self && a.rows != a.columns) c.fail("columns", "must be as many as rows");
  a.ldq = self ? 3 * width : width;
  a.ldkv = self ? 3 * width : 2 * width;
  const Attention t{a, {a.batch, a.rows, a.ldq}, {a.batch, a.columns, a.ldkv}, {a.batch, a.rows, width},
                    {a.batch, a.heads, a.rows}, self};
  return t;
}
void take_attention(Call& c, Attention& t) {
  AttentionArgs& a = t.args;
  const int64_t width = a.heads * a.depth;
  a.q = c.in(t.self ? "qkv" : "q", t.q);
  const float* const kv = t.self ? a.q + width : c.in("kv", t.kv);
  a.k = kv;
  a.v = kv + width;
}
bool empty(const AttentionArgs& a) { return a.batch * a.heads * a.depth * a.rows * a.columns == 0; }

void attention(Call& c) {
  Attention t = attention_args(c);
  take_attention(c, t);
  float* const o = c.out("o", t.o);
  const int64_t outputs = c.length();
  float* const lse = c.out("lse", t.lse);
  const int64_t sums = c.length();
  if (!c.ready()) return;
  if (!empty(t.args)) return kernels(c).attention(c.ctx, t.args, o, lse);
  // sums over no columns
  kernels(c).fill(c.ctx, o, outputs, 0);
  kernels(c).fill(c.ctx, lse, sums, -__builtin_inff());
}

void attention_grad(Call& c) {
  Attention t = attention_args(c);
  take_attention(c, t);
  const float* const o = c.in("o", t.o);
  const float* const dy = c.in("dy", t.o);
  const float* const lse = c.in("lse", t.lse);
  const int64_t width = t.args.heads * t.args.depth;
  float* const dq = c.out(t.self ? "dqkv" : "dq", t.q);
  const int64_t queries = c.length();
  float* const dkv = t.self ? dq + width : c.out("dkv", t.kv);
  const int64_t keys = t.self ? 0 : c.length();
  if (!c.ready()) return;
  if (!empty(t.args)) return kernels(c).attention_grad(c.ctx, t.args, o, dy, lse, dq, dkv, dkv + width);
  kernels(c).fill(c.ctx, dq, queries, 0);
  if (!t.self) kernels(c).fill(c.ctx, dkv, keys, 0);
}

void gru_gates(Call& c) {
  const int64_t rows = c.size("rows"), width = c.size("width");
  const float* const input = c.in("input", {rows, 3, width});
  const float* const recurrent = c.in("recurrent", {rows, 3, width});
  const float* const hidden = c.in("hidden", {rows, width});
  float* const y = c.out("y", {rows, width});
  if (c.to_do()) kernels(c).gru_gates(c.ctx, input, recurrent, hidden, y, rows, width);
}

void gru_gates_grad(Call& c) {
  const int64_t rows = c.size("rows"), width = c.size("width");
  const float* const input = c.in("input", {rows, 3, width});
  const float* const recurrent = c.in("recurrent", {rows, 3, width});
  const float* const hidden = c.in("hidden", {rows, width});
  const float* const dy = c.in("dy", {rows, width});
  float* const dinput = c.out("dinput", {rows, 3, width});
  float* const drecurrent = c.out("drecurrent", {rows, 3, width});
  float* const dhidden = c.out("dhidden", {rows, width});
  if (c.to_do())
    kernels(c).gru_gates_grad(c.ctx, input, recurrent, hidden, dy, dinput, drecurrent, dhidden, rows, width);
}

void l2_normalize(Call& c) {
  const int64_t rows = c.size("rows"), width = c.size("width");
  const float epsilon = c.number("epsilon");
  const float* const x = c.in("x", {rows, width});
  float* const y = c.out("y", {rows, width});
  if (c.to_do()) kernels(c).l2_normalize(c.ctx, x, y, rows, width, epsilon);
}

void l2_normalize_grad(Call& c) {
  const int64_t rows = c.size("rows"), width = c.size("width");
  const float epsilon = c.number("epsilon");
  const float* const x = c.in("x", {rows, width});
  const float* const dy = c.in("dy", {rows, width});
  float* const dx = c.out("dx", {rows, width});
  if (c.to_do()) kernels(c).l2_normalize_grad(c.ctx, x, dy, dx, rows, width, epsilon);
}

void check_targets(Call& c, const int32_t* targets, int64_t rows, int64_t classes) {
  for (int64_t i = 0; targets && i < rows; i++)
    if (targets[i] < 0 || targets[i] >= classes) return c.fail("targets", "must be classes, from 0");
}

void cross_entropy(Call& c) {
  const int64_t rows = c.size("rows"), classes = c.size("classes");
  const float* const x = c.in("logits", {rows, classes});
  const int32_t* const targets = c.ints("targets", rows);
  check_targets(c, targets, rows, classes);
  float* const y = c.out("y", rows);
  if (c.to_do()) kernels(c).cross_entropy(c.ctx, x, targets, y, rows, classes);
}

void cross_entropy_grad(Call& c) {
  const int64_t rows = c.size("rows"), classes = c.size("classes");
  const float* const x = c.in("logits", {rows, classes});
  const int32_t* const targets = c.ints("targets", rows);
  check_targets(c, targets, rows, classes);
  const float* const dy = c.in("dy", rows);
  float* const dx = c.out("dx", {rows, classes});
  if (c.to_do()) kernels(c).cross_entropy_grad(c.ctx, x, targets, dy, dx, rows, classes);
}

void adamw(Call& c) {
  AdamWArgs a{};
  a.beta1 = c.number("beta1"), a.rest1 = c.number("rest1");
  a.beta2 = c.number("beta2"), a.rest2 = c.number("rest2");
  a.root_scale = c.number("rootScale"), a.epsilon = c.number("epsilon");
  a.decay = c.number("decay"), a.rate = c.number("rate");
  const float* const p = c.floats("parameter");
  const int64_t n = c.length();
  const float* const g = c.in("gradient", n);
  const float* const m = c.in("mean", n);
  const float* const v = c.in("meanSquare", n);
  float* const p2 = c.out("newParameter", n);
  float* const m2 = c.out("newMean", n);
  float* const v2 = c.out("newMeanSquare", n);
  if (c.to_do()) kernels(c).adamw(c.ctx, a, p, g, m, v, p2, m2, v2, n);
}

void kmeans(Call& c) {
  KMeansArgs a{};
  a.cosine = c.flag("cosine");
  a.batch = c.size("batch"), a.points = c.size("points"), a.clusters = c.size("clusters"), a.width = c.size("width");
  a.iterations = c.size("iterations");
  a.tolerance = c.number("tolerance");
  const float* const points = c.in("points", {a.batch, a.points, a.width});
  float* const centroids = c.out("centroids", {a.batch, a.clusters, a.width});
  if (c.ready() && a.batch * a.points * a.clusters * a.width > 0) kernels(c).kmeans(c.ctx, a, points, centroids);
}

}  // namespace

const Op OPS[] = {
    {"unary", unary},
    {"binary", binary},
    {"copy", copy},
    {"fill", fill},
    {"reduce", reduce},
    {"softmax", softmax},
    {"softmaxGrad", softmax_grad},
    {"matmul", matmul},
    {"linear", linear},
    {"linearGrad", linear_grad},
    {"mlp", mlp},
    {"mlpGrad", mlp_grad},
    {"layerNorm", layer_norm},
    {"layerNormGrad", layer_norm_grad},
    {"geluGrad", gelu_grad},
    {"attention", attention},
    {"attentionGrad", attention_grad},
    {"gruGates", gru_gates},
    {"gruGatesGrad", gru_gates_grad},
    {"l2Normalize", l2_normalize},
    {"l2NormalizeGrad", l2_normalize_grad},
    {"crossEntropy", cross_entropy},
    {"crossEntropyGrad", cross_entropy_grad},
    {"adamw", adamw},
    {"kmeans", kmeans},
};
const int OP_COUNT = sizeof OPS / sizeof *OPS;

}  // namespace osc
