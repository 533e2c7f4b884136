/* The arithmetic of ../ARITHMETIC.md in C: training and answers of layered networks, and of people as vectors or matrices,
   to the last bit.

   Eight cases are computed at once, as the lanes of a vector. Lane k of a block of eight is the partial sum k of a sum
   over cases, so a sum over cases costs no more than any other order. sweep.h and embedding.h hold the equations. They are
   included once for each kind of processor, so that the widest vectors can be chosen when the program runs. The bytes do
   not depend on it.

   The file is plain C with the vector extensions of GCC and Clang. It must be compiled without contraction and without
   fast-math: see scripts/build_kernel.py. It needs no Python headers; ../compiled/library.py calls it through ctypes. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 8

/* The kinds of layers: what units.py and network.py call by name. */
enum { DENSE_INPUT, ONE_HOT_INPUT, LOGISTIC, TANH, RELU, LEAKY_RELU, ELU, SOFTMAX };
enum { SQUARED, CROSS_ENTROPY, SOFTMAX_SIGNAL };
enum { BIAS = -1 };

/* A layered network, from the input up; the last layer is the output. All numbers are 64-bit integers. */
struct network {
    int64_t layers, connections, weights;
    const int64_t *units, *kind;          /* of each layer */
    const int64_t *first_seen;            /* (layers + 1): where in the next three the layers that it sees begin */
    const int64_t *seen;                  /* the lower layer, or BIAS; the bias comes first */
    const int64_t *seen_connection;       /* the connection that holds the weights */
    const int64_t *offset;                /* (connections): where its weights begin */
    const int64_t *below, *above;         /* (connections): units below and above; 1 below for the bias */
};

/* What networks are asked, and what they should answer. */
struct cases {
    int64_t cases;
    const int64_t *const *on;             /* of each one-hot input layer: the unit that is on, for each case */
    const double *const *dense;           /* of each dense input layer: (cases, units) */
    const int64_t *first_answer, *answer; /* (cases + 1), and the output units that should be on */
    const double *desired;                /* (cases): the desired activity of these units: 1, or less for softmax units */
};

/* How the weights change. Numbers for connections stand in the order of the connections. */
struct change {
    int64_t signal, averaged;
    double margin, alpha;                 /* a margin below 0 is none */
    const double *epsilon, *factor;       /* (connections): the step size, and the share that decay leaves */
};

/* A number of each of the eight cases of a block. */
typedef double eight[LANES] __attribute__((aligned(8 * LANES)));

/* One use of the weights of a connection: the layers between which they stand. */
struct use { int64_t below, above; };

/* The memory of a training: what the blocks of a part of the cases leave behind. */
struct work {
    int64_t total;              /* units of all layers but the one-hot inputs */
    int64_t *first;             /* (layers): where the units of a layer begin in a block */
    int64_t blocks, on_step;    /* blocks of eight cases in memory at once, and their cases */
    int loaded;                 /* whether all cases are in memory, with their inputs and slots */
    eight *y, *d;               /* (blocks, total): activities; dE/dy, and then dE/dx */
    int64_t *on;                /* (layers, blocks, 8): the units that are on, of one-hot input layers */
    int64_t *first_slot;        /* (layers): where the next one begins for a layer */
    int64_t *slot;              /* (units of all layers): the slot of an input unit that is on in some case, or -1 */
    int64_t *slot_on;           /* (layers, blocks, 8): the slots of the units that are on */
    int64_t *slots;             /* (layers): how many slots */
    eight **sums;               /* (connections): partial sums, (units or slots, wide), or NULL for registers */
    double *row;                /* the gradient of some weights: (ROWS, PANEL), or those from one unit */
    int64_t *first_use;         /* (connections + 1) */
    struct use *uses;           /* the uses of each connection, highest first */
};

enum { MOST_BYTES = 8 << 20 };  /* of the activities in memory at once */
enum { TOGETHER = 4 };          /* vectors of which the exponentials are computed together */
enum { TILE = 6 };              /* units for which sums over other units are computed together */
enum { ROWS = 2 };              /* units below for which sums over cases are computed together */
enum { PANEL = 512 };           /* units above whose dE/dx stay in the cache while their weights change */

/* The length of a row of sums for so many units: whole tiles. */
static int64_t wide(int64_t units) { return (units + LANES - 1) / LANES * LANES; }

static void *zeros(int64_t count, size_t size) {
    size_t bytes = ((size_t)(count > 0 ? count : 1) * size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

static void release(struct work *work, const struct network *net) {
    free(work->first); free(work->y); free(work->d); free(work->on); free(work->first_slot); free(work->slot);
    free(work->slot_on); free(work->slots); free(work->row); free(work->first_use); free(work->uses);
    for (int64_t c = 0; work->sums && c < net->connections; c++) free(work->sums[c]);
    free(work->sums);
}

/* What the memory is for: `d` is needed from EVALUATE on, the sums only to TRAIN. */
enum purpose { ANSWER, EVALUATE, TRAIN };

/* Make the memory for so many blocks at once, or fewer where they would be too large. Returns 1 if there is none. */
static int prepare(struct work *work, const struct network *net, int64_t blocks, enum purpose purpose) {
    int64_t widest = 0, units = 0, use = 0;
    memset(work, 0, sizeof *work);
    work->first = zeros(net->layers, sizeof(int64_t));
    work->first_slot = zeros(net->layers, sizeof(int64_t));
    if (!work->first || !work->first_slot) return 1;
    for (int64_t l = 0; l < net->layers; l++) {
        work->first[l] = work->total;
        work->first_slot[l] = units;
        if (net->kind[l] != ONE_HOT_INPUT) work->total += net->units[l];
        units += net->units[l];
        if (net->units[l] > widest) widest = net->units[l];
    }
    const int64_t most = MOST_BYTES / (2 * work->total * (int64_t)sizeof(eight));
    work->blocks = blocks <= most ? blocks : most < 2 ? 1 : most / 2; /* smaller parts stay in a nearer cache */
    work->on_step = work->blocks * LANES;
    work->y = zeros(work->blocks * work->total, sizeof(eight));
    work->on = zeros(net->layers * work->on_step, sizeof(int64_t));
    if (!work->y || !work->on) return 1;
    if (purpose == ANSWER) return 0;
    work->d = zeros(work->blocks * work->total + LANES, sizeof(eight)); /* the last tile may end later */
    if (purpose == EVALUATE) return !work->d;
    work->slot = zeros(units, sizeof(int64_t));
    work->slot_on = zeros(net->layers * work->on_step, sizeof(int64_t));
    work->slots = zeros(net->layers, sizeof(int64_t));
    work->row = zeros(ROWS * PANEL + wide(widest), sizeof(double));
    work->sums = zeros(net->connections, sizeof(eight *));
    work->first_use = zeros(net->connections + 1, sizeof(int64_t));
    work->uses = zeros(net->first_seen[net->layers], sizeof(struct use));
    if (!work->d || !work->slot || !work->slot_on || !work->slots || !work->row || !work->sums || !work->first_use ||
        !work->uses)
        return 1;
    for (int64_t c = 0; c < net->connections; c++) {
        int in_memory = work->blocks < blocks;
        work->first_use[c] = use;
        for (int64_t l = net->layers - 1; l >= 0; l--)
            for (int64_t s = net->first_seen[l]; s < net->first_seen[l + 1]; s++)
                if (net->seen_connection[s] == c) {
                    work->uses[use++] = (struct use){net->seen[s], l};
                    if (net->seen[s] == BIAS || net->kind[net->seen[s]] == ONE_HOT_INPUT) in_memory = 1;
                }
        if (in_memory || use > work->first_use[c] + 1) {
            work->sums[c] = zeros(net->below[c] * wide(net->above[c]), sizeof(eight));
            if (!work->sums[c]) return 1;
        }
    }
    work->first_use[net->connections] = use;
    return 0;
}

/* Begin sums over cases: over those in memory `again`, or over others, for which no input unit has a slot yet. */
static void begin_sums(struct work *work, const struct network *net, int again) {
    for (int64_t l = 0; l < net->layers && !again; l++) {
        work->slots[l] = 0;
        if (net->kind[l] == ONE_HOT_INPUT)
            for (int64_t j = 0; j < net->units[l]; j++) work->slot[work->first_slot[l] + j] = -1;
    }
    for (int64_t c = 0; c < net->connections; c++) {
        const int64_t below = work->uses[work->first_use[c]].below;
        const int64_t rows = below >= 0 && net->kind[below] == ONE_HOT_INPUT ? work->slots[below] : net->below[c];
        if (work->sums[c]) memset(work->sums[c], 0, (size_t)(rows * wide(net->above[c])) * sizeof(eight));
    }
}

/* Put the inputs of eight cases into block b: those from place `first` on, of `order` or of all `count` cases. Places
   past the last one hold a case again, which does not count. */
static void load_inputs(const struct network *net, const struct cases *cases, struct work *work, int64_t b,
                        int64_t first, const int64_t *order, int64_t count) {
    for (int64_t l = 0; l < net->layers; l++) {
        if (net->kind[l] >= LOGISTIC) continue;
        const int64_t units = net->units[l];
        for (int k = 0; k < LANES; k++) {
            const int64_t at = first + k < count ? first + k : first, place = order ? order[at] : at;
            if (net->kind[l] == ONE_HOT_INPUT) {
                work->on[l * work->on_step + b * LANES + k] = cases->on[l][place];
                continue;
            }
            eight *x = work->y + b * work->total + work->first[l];
            for (int64_t j = 0; j < units; j++) x[j][k] = cases->dense[l][place * units + j];
        }
    }
}

/* Put the desired activities of eight cases where dE/dx of the output units will stand, and 0 everywhere else in d. */
static void load_answers(const struct network *net, const struct cases *cases, struct work *work, int64_t b,
                         int64_t first, const int64_t *order, int64_t count) {
    eight *d = work->d + b * work->total, *out = d + work->first[net->layers - 1];
    memset(d, 0, (size_t)work->total * sizeof(eight));
    for (int64_t at = first; at < first + LANES && at < count; at++) {
        const int64_t place = order ? order[at] : at;
        for (int64_t a = cases->first_answer[place]; a < cases->first_answer[place + 1]; a++)
            out[cases->answer[a]][at - first] = cases->desired[place];
    }
}

/* `load_inputs`, unless they are there; then slots for the input units that are on, and desired activities where dE/dx of
   the output units will stand. `counts` gets 1 for a training case, else 0. Returns how many count. */
static double load_block(const struct network *net, const struct cases *cases, struct work *work, int64_t b,
                         int64_t first, const double *mask, const int64_t *order, int64_t count, int again,
                         double *counts) {
    double shown = 0;
    if (!again) load_inputs(net, cases, work, b, first, order, count);
    for (int64_t l = 0; l < net->layers && !again; l++) {
        if (net->kind[l] != ONE_HOT_INPUT) continue;
        for (int64_t k = l * work->on_step + b * LANES, end = k + LANES; k < end; k++) {
            int64_t *slot = work->slot + work->first_slot[l] + work->on[k];
            if (*slot < 0) {
                *slot = work->slots[l]++;
                for (int64_t c = 0; c < net->connections; c++)
                    if (work->uses[work->first_use[c]].below == l)
                        memset(work->sums[c] + *slot * wide(net->above[c]), 0, (size_t)net->above[c] * sizeof(eight));
            }
            work->slot_on[k] = *slot;
        }
    }
    for (int k = 0; k < LANES; k++) {
        const int64_t at = first + k;
        counts[k] = at >= count ? 0.0 : order ? 1.0 : mask[at];
        shown += counts[k];
    }
    load_answers(net, cases, work, b, first, order, count);
    return shown;
}

#include "embedding_memory.h"

#define JOIN(name, level) name##_##level
#define NAMED(name, level) JOIN(name, level)

/* Lanes of two vectors, one after the other. */
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (integers){__VA_ARGS__})
#endif

#define LEVEL plain
#define TARGET
#define WIDTH 2
#include "sweep.h"

#if defined(__x86_64__)
#define LEVEL avx2
#define TARGET __attribute__((target("avx2")))
#define WIDTH 4
#include "sweep.h"

#define LEVEL avx512
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#define WIDTH 8
#include "sweep.h"
#endif

/* The widest level of this processor: 0 plain, 1 AVX2, 2 AVX-512. */
int64_t widest_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return 2;
    if (__builtin_cpu_supports("avx2")) return 1;
#endif
    return 0;
}

/* Train `networks` networks, one after the other, for `sweeps` sweeps with the same settings.

   weights, changes: (networks, weights), changed in place. mask: (networks, cases), 1 for a training case and 0 for a
   held-out one; or NULL with orders: (networks, sweeps, shown), the cases in the order in which they are shown, `batch` of
   them for each change. Returns 0, or 1 if there is no memory. */
int64_t train(int64_t level, const struct network *net, const struct cases *cases, const struct change *how,
              int64_t networks, int64_t sweeps, double *weights, double *changes, const double *mask,
              const int64_t *orders, int64_t shown, int64_t batch) {
    struct work work;
    const int64_t most = orders ? (batch < shown ? batch : shown) : cases->cases;
    const int failed = prepare(&work, net, (most + LANES - 1) / LANES, TRAIN);
    if (failed)
        ;
#if defined(__x86_64__)
    else if (level >= 2)
        train_avx512(net, cases, how, &work, networks, sweeps, weights, changes, mask, orders, shown, batch);
    else if (level == 1)
        train_avx2(net, cases, how, &work, networks, sweeps, weights, changes, mask, orders, shown, batch);
#endif
    else
        train_plain(net, cases, how, &work, networks, sweeps, weights, changes, mask, orders, shown, batch);
    release(&work, net);
    return failed;
}

/* The activities of the output units, (networks, cases, units), for all cases. Returns 0, or 1 without memory. */
int64_t answer(int64_t level, const struct network *net, const struct cases *cases, int64_t networks,
               const double *weights, double *y) {
    struct work work;
    const int failed = prepare(&work, net, 1, ANSWER);
    if (failed)
        ;
#if defined(__x86_64__)
    else if (level >= 2)
        answer_avx512(net, cases, &work, networks, weights, y);
    else if (level == 1)
        answer_avx2(net, cases, &work, networks, weights, y);
#endif
    else
        answer_plain(net, cases, &work, networks, weights, y);
    release(&work, net);
    return failed;
}

/* Equation 3 and the criteria of evaluation.py. terms: (networks, cases), the error of each case. right: (4, networks,
   cases), whether it is right, and right by margins, by the best unit and by rank. Returns 0, or 1 without memory. */
int64_t evaluate(int64_t level, const struct network *net, const struct cases *cases, int64_t networks,
                 const double *weights, double margin, double *terms, uint8_t *right) {
    struct work work;
    const int failed = prepare(&work, net, 1, EVALUATE);
    if (failed)
        ;
#if defined(__x86_64__)
    else if (level >= 2)
        evaluate_avx512(net, cases, &work, networks, weights, margin, terms, right);
    else if (level == 1)
        evaluate_avx2(net, cases, &work, networks, weights, margin, terms, right);
#endif
    else
        evaluate_plain(net, cases, &work, networks, weights, margin, terms, right);
    release(&work, net);
    return failed;
}

#if defined(__x86_64__)
#define AT_LEVEL(level, name, ...) \
    (level >= 2 ? name##_avx512(__VA_ARGS__) : level == 1 ? name##_avx2(__VA_ARGS__) : name##_plain(__VA_ARGS__))
#else
#define AT_LEVEL(level, name, ...) ((void)level, name##_plain(__VA_ARGS__))
#endif

/* `train` for people as vectors or matrices, with the numbers of people first and those of relations behind. */
int64_t train_embedding(int64_t level, const struct embedding *e, const struct cases *cases, const struct change *how,
                        int64_t networks, int64_t sweeps, double *weights, double *changes, const double *mask,
                        const int64_t *orders, int64_t shown, int64_t batch) {
    struct embedding_work work;
    const int failed = prepare_embedding(&work, e, orders ? (batch < shown ? batch : shown) : cases->cases, TRAIN);
    if (!failed)
        AT_LEVEL(level, train_embedding, e, cases, how, &work, networks, sweeps, weights, changes, mask, orders, shown,
                 batch);
    release_embedding(&work);
    return failed;
}

/* `answer` for people as vectors or matrices; with `raw`, x of equation 2 instead. */
int64_t answer_embedding(int64_t level, const struct embedding *e, const struct cases *cases, int64_t networks,
                         const double *weights, int64_t raw, double *answers) {
    struct embedding_work work;
    const int failed = prepare_embedding(&work, e, cases->cases, ANSWER);
    if (!failed) AT_LEVEL(level, answer_embedding, e, cases, &work, networks, weights, raw, answers);
    release_embedding(&work);
    return failed;
}

/* `evaluate` for people as vectors or matrices. */
int64_t evaluate_embedding(int64_t level, const struct embedding *e, const struct cases *cases, int64_t networks,
                           const double *weights, double margin, double *terms, uint8_t *right) {
    struct embedding_work work;
    const int failed = prepare_embedding(&work, e, cases->cases, EVALUATE);
    if (!failed) AT_LEVEL(level, evaluate_embedding, e, cases, &work, networks, weights, margin, terms, right);
    release_embedding(&work);
    return failed;
}

/* The checksum of these sources, by which a compiled file of others is known. */
int64_t sources(void) { return SOURCES; }

/* Whether the compiler kept products and sums apart, and small numbers are not rounded to 0: 1 if so. */
int64_t is_exact(volatile double a, volatile double b, volatile double c, volatile double least) {
    double x = a, y = b, z = c;
    double fused = x * y + z;             /* a compiler that contracts fuses this */
    volatile double product = x * y;
    double apart = product + z;
    volatile double half = least * 0.5;
    return fused == apart && half > 0;
}
