// The kernels of one instruction set. Sizes and pointers have been checked by the time they get here (ops.cc).
#pragma once
#include <stdint.h>

namespace osc {

class Context;

enum Unary {
  UNARY_EXP, UNARY_LOG, UNARY_TANH, UNARY_SIGMOID, UNARY_RELU, UNARY_SQRT, UNARY_RSQRT, UNARY_SQUARE, UNARY_NEG,
  UNARY_RECIPROCAL, UNARY_ERF, UNARY_ABS, UNARY_STEP, UNARY_GELU, UNARY_SCALE, UNARY_COUNT
};
enum Binary {
  BINARY_ADD, BINARY_SUB, BINARY_MUL, BINARY_DIV, BINARY_MAX, BINARY_MIN, BINARY_SQUARED_DIFFERENCE, BINARY_COUNT
};
enum Reduce { REDUCE_SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_COUNT };
enum Activation { ACTIVATION_GELU, ACTIVATION_RELU, ACTIVATION_COUNT };

// Axes, outermost first, with the strides of two arrays. At least one axis; of an elementwise op the last strides are 0 or 1.
struct Strided {
  int rank;
  const int32_t *dims, *strides_a, *strides_b;
};

struct MatmulArgs {
  int64_t batch, m, n, k;
  bool transpose_a, transpose_b;
};
struct LayerNormArgs {
  int64_t rows, width;
  float epsilon;
  const float *x, *gamma, *beta;
};
struct LinearArgs {
  int64_t rows, in, out;
  float epsilon;
  const float *x, *gamma, *beta;  // gamma and beta [in] of a layer norm in front, or null
  const float *weight, *bias;     // [out, in], [out] or null
};
struct MlpArgs {
  int64_t rows, width, hidden;
  int activation;
  float epsilon;
  const float *x, *gamma, *beta, *weight1, *bias1, *weight2, *bias2;
};
// Head h of q is at columns h * depth of its rows; those of sample b begin at b * rows * ldq. k and v likewise.
struct AttentionArgs {
  int64_t batch, heads, rows, columns, depth, ldq, ldkv;
  float scale;
  const float *q, *k, *v;
};
struct AdamWArgs {
  float beta1, rest1, beta2, rest2, root_scale, epsilon, decay, rate;
};
struct KMeansArgs {
  int64_t batch, points, clusters, width, iterations;
  float tolerance;
  bool cosine;
};
struct MlpGradients {
  float *dx, *dgamma, *dbeta, *dweight1, *dbias1, *dweight2, *dbias2;
};

struct Kernels {
  int width;
  const char* name;
  void (*unary)(Context&, int op, const float* x, float* y, int64_t n, float alpha);
  void (*binary)(Context&, int op, const float* a, const float* b, float* y, const Strided&);
  void (*copy)(Context&, const float* x, float* y, const Strided&);
  void (*fill)(Context&, float* y, int64_t n, float value);
  void (*reduce)(Context&, int op, const float* x, float* y, int64_t outer, int64_t n, int64_t inner, float scale);
  void (*softmax)(Context&, const float* x, float* y, int64_t outer, int64_t n, int64_t inner);
  void (*softmax_grad)(Context&, const float* y, const float* dy, float* dx, int64_t outer, int64_t n, int64_t inner);
  void (*matmul)(Context&, const MatmulArgs&, const float* a, const float* b, float* c, const int32_t* offsets);
  void (*linear)(Context&, const LinearArgs&, const float* residual, float* y);
  void (*linear_grad)(Context&, const LinearArgs&, const float* dy, float* dx, float* dweight, float* dbias, float* dgamma,
                      float* dbeta);
  void (*mlp)(Context&, const MlpArgs&, float* y);
  void (*mlp_grad)(Context&, const MlpArgs&, const float* dy, const MlpGradients&);
  void (*layer_norm)(Context&, const LayerNormArgs&, float* y);
  void (*layer_norm_grad)(Context&, const LayerNormArgs&, const float* dy, float* dx, float* dgamma, float* dbeta);
  void (*gelu_grad)(Context&, const float* dy, const float* x, float* dx, int64_t n);
  void (*attention)(Context&, const AttentionArgs&, float* o, float* lse);
  void (*attention_grad)(Context&, const AttentionArgs&, const float* o, const float* dy, const float* lse, float* dq,
                         float* dk, float* dv);
  void (*gru_gates)(Context&, const float* input, const float* recurrent, const float* hidden, float* y, int64_t rows,
                    int64_t width);
  void (*gru_gates_grad)(Context&, const float* input, const float* recurrent, const float* hidden, const float* dy,
                         float* dinput, float* drecurrent, float* dhidden, int64_t rows, int64_t width);
  void (*l2_normalize)(Context&, const float* x, float* y, int64_t rows, int64_t width, float epsilon);
  void (*l2_normalize_grad)(Context&, const float* x, const float* dy, float* dx, int64_t rows, int64_t width, float epsilon);
  void (*cross_entropy)(Context&, const float* x, const int32_t* targets, float* y, int64_t rows, int64_t classes);
  void (*cross_entropy_grad)(Context&, const float* x, const int32_t* targets, const float* dy, float* dx, int64_t rows,
                             int64_t classes);
  void (*adamw)(Context&, const AdamWArgs&, const float* p, const float* g, const float* m, const float* v, float* p2,
                float* m2, float* v2, int64_t n);
  void (*kmeans)(Context&, const KMeansArgs&, const float* points, float* centroids);
};

// Each is there on the processors that it is for (kernels.cc is compiled once for each).
extern const Kernels KERNELS_AVX512, KERNELS_AVX2, KERNELS_BASE;

}  // namespace osc
