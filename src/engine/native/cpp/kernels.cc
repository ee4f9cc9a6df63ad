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
#define KERNEL(name) OSC_ISA::name,
#include "kernels.def"
};

}  // namespace osc
