// Compiled once per instruction set, with OSC_WIDTH (floats of a vector) and OSC_ISA (AVX512, AVX2 or BASE).
#include "kernels.h"
#include "attention.h"
#include "elementwise.h"
#include "kmeans.h"
#include "layer_norm.h"
#include "linear.h"
#include "matmul.h"
#include "reduce.h"
#include "rows.h"

#define OSC_PASTE(a, b) a##b
#define OSC_NAMED(a, b) OSC_PASTE(a, b)
#define OSC_QUOTE(a) #a
#define OSC_STRING(a) OSC_QUOTE(a)

namespace osc {

extern const Kernels OSC_NAMED(KERNELS_, OSC_ISA) = {
    OSC_WIDTH,
    OSC_STRING(OSC_ISA),
    OSC_ISA::unary,
    OSC_ISA::binary,
    OSC_ISA::copy,
    OSC_ISA::fill,
    OSC_ISA::reduce,
    OSC_ISA::softmax,
    OSC_ISA::softmax_grad,
    OSC_ISA::matmul,
    OSC_ISA::linear,
    OSC_ISA::linear_grad,
    OSC_ISA::mlp,
    OSC_ISA::mlp_grad,
    OSC_ISA::layer_norm,
    OSC_ISA::layer_norm_grad,
    OSC_ISA::gelu_grad,
    OSC_ISA::attention,
    OSC_ISA::attention_grad,
    OSC_ISA::gru_gates,
    OSC_ISA::gru_gates_grad,
    OSC_ISA::l2_normalize,
    OSC_ISA::l2_normalize_grad,
    OSC_ISA::cross_entropy,
    OSC_ISA::cross_entropy_grad,
    OSC_ISA::adamw,
    OSC_ISA::kmeans,
};

}  // namespace osc
