/* The equations for eight cases at a time; see kernel.c, which sets LEVEL, TARGET and WIDTH.

   A number of each of the eight cases of a block stands in LANES neighbouring doubles: LANES / WIDTH = PARTS vectors. So a
   pointer to vectors goes on by PARTS from unit to unit. */

#define FN(name) NAMED(name, LEVEL)
#define INLINE static inline __attribute__((always_inline)) TARGET
#define PARTS (LANES / WIDTH)
#define COLUMNS (PARTS == 1 ? 1 : 2) /* vectors of a unit that are computed together, in the passes */
#define MOST_COLUMNS 4               /* the same where several blocks are computed together */
#define SUMS (WIDTH == 8 ? 8 : 4)    /* units above for which sums over cases are computed together */
#define vector FN(vector)
#define integers FN(integers)

typedef double vector __attribute__((vector_size(8 * WIDTH), may_alias));
typedef int64_t integers __attribute__((vector_size(8 * WIDTH), may_alias));

/* --- The exponential function and the units (ARITHMETIC.md) --- */

INLINE vector FN(select)(integers condition, vector yes, vector no) {
    return (vector)(((integers)yes & condition) | ((integers)no & ~condition));
}

/* exp(x) of `count` vectors, in place. They take each step together, because one alone waits for itself. */
INLINE void FN(exponentials)(vector *x, const int count) {
    static const double coefficients[] = {
        0x1.1eed8eff8d898p-29, 0x1.ae64567f544e4p-26, 0x1.27e4fb7789f5cp-22, 0x1.71de3a556c734p-19,
        0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-13, 0x1.6c16c16c16c17p-10, 0x1.1111111111111p-7,
        0x1.5555555555555p-5,  0x1.5555555555555p-3,  0x1.0p-1,              1.0, 1.0,
    };
    const vector zero = {0}, high = zero + 708.0, low = zero - 708.0, shift = zero + 0x1.8p+52;
    vector r[TOGETHER], p[TOGETHER];
    integers scale[TOGETHER];
#pragma GCC unroll 4
    for (int k = 0; k < count; k++) {
        vector each = FN(select)(x[k] > high, high, x[k]);
        each = FN(select)(each < low, low, each);
        const vector shifted = each * 0x1.71547652b82fep+0 + shift, n = shifted - shift;
        r[k] = (each - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
        p[k] = zero + 0x1.6124613a86d09p-33;
        /* The last bits of `shifted` are n, so that this is the double 2^n. */
        scale[k] = ((integers)shifted << 52) + ((int64_t)1023 << 52);
    }
#pragma GCC unroll 13
    for (int c = 0; c < 13; c++)
#pragma GCC unroll 4
        for (int k = 0; k < count; k++) p[k] = p[k] * r[k] + coefficients[c];
#pragma GCC unroll 4
    for (int k = 0; k < count; k++) x[k] = p[k] * (vector)scale[k];
}

INLINE vector FN(exponential)(vector x) {
    FN(exponentials)(&x, 1);
    return x;
}

/* Equation 2 of `count` vectors, in place. */
INLINE void FN(logistic)(vector *restrict y, const int count) {
    vector e[TOGETHER];
#pragma GCC unroll 4
    for (int k = 0; k < count; k++) e[k] = -y[k];
    FN(exponentials)(e, count);
#pragma GCC unroll 4
    for (int k = 0; k < count; k++) y[k] = 1.0 / (1.0 + e[k]);
}

/* Equation 2 and its relatives: activities of a layer from its total inputs, in place. */
INLINE void FN(activate)(vector *restrict y, int64_t units, int64_t kind) {
    const int64_t end = units * PARTS;
    const vector zero = {0};
    const integers sign = (integers)zero + INT64_MIN;
    if (kind == LOGISTIC) {
        int64_t j = 0;
        for (; j + TOGETHER <= end; j += TOGETHER) FN(logistic)(y + j, TOGETHER);
        for (; j + 2 <= end; j += 2) FN(logistic)(y + j, 2);
        if (j < end) FN(logistic)(y + j, 1);
    } else if (kind == TANH) {
        for (int64_t j = 0; j < end; j++) {
            integers minus = (integers)y[j] & sign;
            vector t = FN(exponential)(-2.0 * (vector)((integers)y[j] & ~sign));
            y[j] = (vector)((integers)((1.0 - t) / (1.0 + t)) | minus);
        }
    } else if (kind == RELU) {
        for (int64_t j = 0; j < end; j++) y[j] = FN(select)(y[j] > zero, y[j], zero);
    } else if (kind == LEAKY_RELU) {
        for (int64_t j = 0; j < end; j++) y[j] = FN(select)(y[j] > zero, y[j], 0.1 * y[j]);
    } else if (kind == ELU) {
        for (int64_t j = 0; j < end; j++) y[j] = FN(select)(y[j] > zero, y[j], FN(exponential)(y[j]) - 1.0);
    } else if (kind == SOFTMAX) {
        for (vector *last = y + PARTS; y < last; y++) {
            vector most = y[0], sum = zero;
            for (int64_t j = PARTS; j < end; j += PARTS) most = FN(select)(y[j] > most, y[j], most);
            for (int64_t j = 0; j < end; j += PARTS) sum += (y[j] = FN(exponential)(y[j] - most));
            for (int64_t j = 0; j < end; j += PARTS) y[j] = y[j] / sum;
        }
    }
}

/* The factor of equation 5: dE/dx from dE/dy, in place. */
INLINE void FN(times_slope)(vector *restrict d, const vector *restrict y, int64_t units, int64_t kind) {
    const int64_t end = units * PARTS;
    const vector zero = {0}, one = zero + 1.0;
    if (kind == LOGISTIC) {
        for (int64_t j = 0; j < end; j++) d[j] = d[j] * (y[j] * (1.0 - y[j]));
    } else if (kind == TANH) {
        for (int64_t j = 0; j < end; j++) d[j] = d[j] * (1.0 - y[j] * y[j]);
    } else if (kind == RELU) {
        for (int64_t j = 0; j < end; j++) d[j] = d[j] * FN(select)(y[j] > zero, one, zero);
    } else if (kind == LEAKY_RELU) {
        for (int64_t j = 0; j < end; j++) d[j] = d[j] * FN(select)(y[j] > zero, one, zero + 0.1);
    } else if (kind == ELU) {
        for (int64_t j = 0; j < end; j++) d[j] = d[j] * FN(select)(y[j] > zero, one, y[j] + 1.0);
    }
}

/* --- Sums over units, in their order --- */

/* x_t += y_0 w_0t + y_1 w_1t + ..., one term after another, for `width` neighbouring t and `columns` vectors of each,
   which stand x_step and y_step apart. */
INLINE void FN(add_tile)(vector *restrict x, const vector *restrict y, const double *restrict w, int64_t terms,
                         int64_t term_step, int64_t tile_step, const int width, int64_t x_step, int64_t y_step,
                         const int columns) {
    const vector zero = {0};
    vector a[TILE][MOST_COLUMNS];
#pragma GCC unroll 6
    for (int t = 0; t < width; t++)
#pragma GCC unroll 4
        for (int q = 0; q < columns; q++) a[t][q] = x[t * PARTS + q * x_step];
    for (int64_t i = 0; i < terms; i++) {
        vector yi[MOST_COLUMNS];
#pragma GCC unroll 4
        for (int q = 0; q < columns; q++) yi[q] = y[i * PARTS + q * y_step];
#pragma GCC unroll 6
        for (int t = 0; t < width; t++) {
            const vector each = w[i * term_step + t * tile_step] - zero; /* in all lanes */
#pragma GCC unroll 4
            for (int q = 0; q < columns; q++) a[t][q] += yi[q] * each;
        }
    }
#pragma GCC unroll 6
    for (int t = 0; t < width; t++)
#pragma GCC unroll 4
        for (int q = 0; q < columns; q++) x[t * PARTS + q * x_step] = a[t][q];
}

INLINE void FN(add_products)(vector *restrict x, const vector *restrict y, const double *restrict w, int64_t units,
                             int64_t terms, int64_t term_step, int64_t tile_step) {
    for (int64_t t = 0, width; t < units; t += width, w += width * tile_step) {
        width = t + TILE <= units ? TILE : t + 2 <= units ? 2 : 1;
        for (int part = 0; part < PARTS; part += COLUMNS) {
            vector *tile = x + t * PARTS + part;
            if (width == TILE)
                FN(add_tile)(tile, y + part, w, terms, term_step, tile_step, TILE, 1, 1, COLUMNS);
            else if (width == 2)
                FN(add_tile)(tile, y + part, w, terms, term_step, tile_step, 2, 1, 1, COLUMNS);
            else
                FN(add_tile)(tile, y + part, w, terms, term_step, tile_step, 1, 1, 1, COLUMNS);
        }
    }
}

/* --- The forward pass of one block (equations 1 and 2) --- */

/* `on`: of each one-hot input layer, the units that are on in the cases of the block. */
INLINE void FN(forward)(const struct network *net, const struct work *work, const double *restrict w,
                        eight *restrict block, const int64_t *on) {
    vector *y = (vector *)block;
    for (int64_t l = 0; l < net->layers; l++) {
        if (net->kind[l] < LOGISTIC) continue;
        vector *x = y + work->first[l] * PARTS;
        const int64_t units = net->units[l];
        const vector zero = {0};
        int64_t s = net->first_seen[l];
        const int64_t end = net->first_seen[l + 1];
        if (net->seen[s] == BIAS) {
            const double *bias = w + net->offset[net->seen_connection[s++]];
            for (int64_t j = 0; j < units * PARTS; j++) x[j] = zero + bias[j / PARTS];
        } else {
            for (int64_t j = 0; j < units * PARTS; j++) x[j] = zero;
        }
        for (; s < end; s++) {
            const int64_t below = net->seen[s];
            const double *from = w + net->offset[net->seen_connection[s]];
            if (net->kind[below] == ONE_HOT_INPUT) {
                const int64_t *is_on = on + below * work->on_step;
                for (int64_t j = 0; j < units * PARTS; j++) {
                    vector each = zero;
                    for (int k = 0; k < WIDTH; k++) each[k] = from[is_on[j % PARTS * WIDTH + k] * units + j / PARTS];
                    x[j] += each;
                }
            } else {
                FN(add_products)(x, y + work->first[below] * PARTS, from, units, net->units[below], units, 1);
            }
        }
        FN(activate)(x, units, net->kind[l]);
    }
}

/* --- The backward pass of one block (equations 4, 5 and 7) --- */

/* The desired activities stand where dE/dx of the output units will stand. `counts`: 1 for a training case, else 0. */
INLINE void FN(backward)(const struct network *net, const struct change *how, const struct work *work,
                         const double *restrict w, const eight *restrict activities, eight *restrict block,
                         const double *counts) {
    const vector *y = (const vector *)activities, *mask = (const vector *)counts;
    vector *d = (vector *)block;
    const vector zero = {0}, margin = zero + how->margin;
    const integers sign = (integers)zero + INT64_MIN;
    const int64_t top = net->layers - 1, end = net->units[top] * PARTS;
    vector *out = d + work->first[top] * PARTS;
    const vector *answered = y + work->first[top] * PARTS;
    for (int64_t j = 0; j < end; j++) {
        vector difference = answered[j] - out[j]; /* equation 4 */
        integers good = (vector)((integers)difference & ~sign) <= margin;
        out[j] = (vector)((integers)(difference * mask[j % PARTS]) & ~good);
    }
    if (how->signal == SQUARED) FN(times_slope)(out, answered, net->units[top], LOGISTIC);
    for (int64_t l = top; l >= 0; l--) {
        if (net->kind[l] < LOGISTIC) continue;
        vector *dx = d + work->first[l] * PARTS;
        if (l < top) FN(times_slope)(dx, y + work->first[l] * PARTS, net->units[l], net->kind[l]); /* equation 5 */
        for (int64_t s = net->first_seen[l]; s < net->first_seen[l + 1]; s++) {
            const int64_t below = net->seen[s], units = net->units[l];
            if (below == BIAS || net->kind[below] < LOGISTIC) continue;
            FN(add_products)(d + work->first[below] * PARTS, dx, w + net->offset[net->seen_connection[s]],
                             net->units[below], units, 1, units); /* equation 7 */
        }
    }
}

/* --- The weight changes (equations 6, 8 and 9) --- */

/* The sums of WIDTH weights from their partial sums: PARTS vectors for each. */
INLINE vector FN(added)(const vector *p) {
#if WIDTH == 8
#define HALVES(a, b) (SHUFFLE(a, b, 0, 1, 2, 3, 8, 9, 10, 11) + SHUFFLE(a, b, 4, 5, 6, 7, 12, 13, 14, 15))
#define QUARTERS(a, b) (SHUFFLE(a, b, 0, 1, 4, 5, 8, 9, 12, 13) + SHUFFLE(a, b, 2, 3, 6, 7, 10, 11, 14, 15))
    const vector even = QUARTERS(HALVES(p[0], p[2]), HALVES(p[4], p[6]));
    const vector odd = QUARTERS(HALVES(p[1], p[3]), HALVES(p[5], p[7]));
    return SHUFFLE(even, odd, 0, 8, 2, 10, 4, 12, 6, 14) + SHUFFLE(even, odd, 1, 9, 3, 11, 5, 13, 7, 15);
#undef HALVES
#undef QUARTERS
#elif WIDTH == 4
    const vector q0 = p[0] + p[1], q1 = p[2] + p[3], q2 = p[4] + p[5], q3 = p[6] + p[7];
    const vector even = SHUFFLE(q0, q2, 0, 1, 4, 5) + SHUFFLE(q0, q2, 2, 3, 6, 7);
    const vector odd = SHUFFLE(q1, q3, 0, 1, 4, 5) + SHUFFLE(q1, q3, 2, 3, 6, 7);
    return SHUFFLE(even, odd, 0, 4, 2, 6) + SHUFFLE(even, odd, 1, 5, 3, 7);
#else
    const vector even = (p[0] + p[2]) + (p[1] + p[3]), odd = (p[4] + p[6]) + (p[5] + p[7]);
    return SHUFFLE(even, odd, 0, 2) + SHUFFLE(even, odd, 1, 3);
#endif
}

/* Equation 9 for some neighbouring weights, from number `begin` on, and their decay. g is the gradient, or NULL where it
   is 0. */
INLINE void FN(step)(const struct change *how, int64_t connection, int64_t begin, int64_t units, double *restrict g,
                     double shown, double *restrict weights, double *restrict changes) {
    const double alpha = how->alpha, epsilon = how->epsilon[connection], factor = how->factor[connection];
    double *w = weights + begin, *c = changes + begin;
    if (g && how->averaged)
        for (int64_t j = 0; j < units; j++) g[j] = g[j] / shown;
    for (int64_t j = 0; j < units; j++) {
        c[j] = g ? alpha * c[j] - epsilon * g[j] : alpha * c[j];
        w[j] = (w[j] + c[j]) * factor;
    }
}

/* Add the blocks in memory to the partial sums of `rows` x SUMS weights. y and d point to those of the first block. */
INLINE void FN(add_blocks)(vector *restrict sums, int64_t row_step, const eight *restrict y, const eight *restrict d,
                           int64_t blocks, int64_t step, const int rows) {
#pragma GCC unroll 4
    for (int part = 0; part < PARTS; part++) {
        vector a[ROWS][SUMS];
#pragma GCC unroll 2
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
            for (int t = 0; t < SUMS; t++) a[r][t] = sums[r * row_step + t * PARTS + part];
        for (int64_t b = 0; b < blocks; b++) {
            const vector *yb = (const vector *)(y + b * step) + part, *db = (const vector *)(d + b * step) + part;
            vector yr[ROWS];
#pragma GCC unroll 2
            for (int r = 0; r < rows; r++) yr[r] = yb[r * PARTS];
#pragma GCC unroll 8
            for (int t = 0; t < SUMS; t++) {
                const vector dt = db[t * PARTS];
#pragma GCC unroll 2
                for (int r = 0; r < rows; r++) a[r][t] += yr[r] * dt;
            }
        }
#pragma GCC unroll 2
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
            for (int t = 0; t < SUMS; t++) sums[r * row_step + t * PARTS + part] = a[r][t];
    }
}

/* The gradient of `rows` x SUMS weights, all cases of which are in memory. Its rows stand `wide` apart. */
INLINE void FN(gradient)(double *restrict g, int64_t wide, const eight *restrict y, const eight *restrict d, int64_t blocks,
                         int64_t step, const int rows) {
    vector sums[ROWS * SUMS * PARTS];
    const vector zero = {0};
#pragma GCC unroll 32
    for (int k = 0; k < rows * SUMS * PARTS; k++) sums[k] = zero;
    FN(add_blocks)(sums, SUMS * PARTS, y, d, blocks, step, rows);
#pragma GCC unroll 2
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int t = 0; t < SUMS; t += WIDTH)
            *(vector *)(g + r * wide + t) = FN(added)(sums + (r * SUMS + t) * PARTS);
}

/* Equations 6 and 9 for a connection with one use, all cases of which are in memory. */
INLINE void FN(change_at_once)(const struct network *net, const struct change *how, const struct work *work, int64_t c,
                               double *restrict w, double *restrict changes, int64_t blocks, double shown) {
    const struct use use = work->uses[work->first_use[c]];
    const int64_t units = net->above[c], step = work->total;
    const eight *d = work->d + work->first[use.above];
    const eight *y = work->y + work->first[use.below];
    for (int64_t first = 0; first < units; first += PANEL) {
        const int64_t some = units - first < PANEL ? units - first : PANEL;
        for (int64_t i = 0, rows; i < net->below[c]; i += rows) {
            rows = i + ROWS <= net->below[c] ? ROWS : 1;
            for (int64_t t = 0; t < some; t += SUMS)
                if (rows == ROWS)
                    FN(gradient)(work->row + t, PANEL, y + i, d + first + t, blocks, step, ROWS);
                else
                    FN(gradient)(work->row + t, PANEL, y + i, d + first + t, blocks, step, 1);
            for (int64_t r = 0; r < rows; r++)
                FN(step)(how, c, net->offset[c] + (i + r) * units + first, some, work->row + r * PANEL, shown, w,
                         changes);
        }
    }
}

/* Equation 6 for one use of another connection: `blocks` blocks, from number b on, are added to those before them. */
INLINE void FN(add_to_sums)(const struct network *net, const struct work *work, int64_t c, struct use use, int64_t b,
                            int64_t blocks) {
    const int64_t units = net->above[c], step = work->total;
    const eight *d = work->d + b * step + work->first[use.above];
    eight *restrict sums = work->sums[c];
    if (use.below == BIAS) {
        for (; blocks--; d += step)
            for (int64_t j = 0; j < units * PARTS; j++) ((vector *)sums)[j] += ((const vector *)d)[j];
    } else if (net->kind[use.below] == ONE_HOT_INPUT) {
        const int64_t *slots = work->slot_on + use.below * work->on_step + b * LANES;
        for (int64_t n = 0; n < blocks * LANES; n++)
            for (int64_t j = 0; j < units; j++)
                sums[slots[n] * wide(units) + j][n % LANES] += d[n / LANES * step + j][n % LANES];
    } else {
        const eight *y = work->y + b * step + work->first[use.below];
        for (int64_t i = 0, rows; i < net->below[c]; i += rows) {
            rows = i + ROWS <= net->below[c] ? ROWS : 1;
            for (int64_t t = 0; t < units; t += SUMS) {
                vector *tile = (vector *)(sums + i * wide(units) + t);
                if (rows == ROWS)
                    FN(add_blocks)(tile, wide(units) * PARTS, y + i, d + t, blocks, step, ROWS);
                else
                    FN(add_blocks)(tile, 0, y + i, d + t, blocks, step, 1);
            }
        }
    }
}

/* Equation 9 from the partial sums of all cases. */
INLINE void FN(change_by_sums)(const struct network *net, const struct change *how, const struct work *work, int64_t c,
                               double *restrict w, double *restrict changes, double shown) {
    const int64_t units = net->above[c], below = work->uses[work->first_use[c]].below;
    const int64_t *slot = below >= 0 && net->kind[below] == ONE_HOT_INPUT ? work->slot + work->first_slot[below] : NULL;
    for (int64_t i = 0; i < net->below[c]; i++) {
        const int64_t place = slot ? slot[i] : i;
        double *g = place < 0 ? NULL : work->row;
        for (int64_t t = 0; g && t < units; t += WIDTH)
            *(vector *)(g + t) = FN(added)((const vector *)(work->sums[c] + place * wide(units) + t));
        FN(step)(how, c, net->offset[c] + i * units, units, g, shown, w, changes);
    }
}

/* One change of all weights by some cases. `order`: these cases, or NULL for all cases; `mask` goes with the latter. */
INLINE void FN(change)(const struct network *net, const struct cases *cases, const struct change *how,
                       struct work *work, double *restrict w, double *restrict changes, const double *mask,
                       const int64_t *order, int64_t count) {
    const int64_t blocks = (count + LANES - 1) / LANES;
    double shown = 0;
    const int again = work->loaded && !order;
    work->loaded = !order && blocks <= work->blocks;
    begin_sums(work, net, again);
    for (int64_t first = 0; first < blocks; first += work->blocks) {
        const int64_t in_memory = blocks - first < work->blocks ? blocks - first : work->blocks;
        for (int64_t b = 0; b < in_memory; b++) {
            eight counts;
            eight *y = work->y + b * work->total, *d = work->d + b * work->total;
            shown += load_block(net, cases, work, b, (first + b) * LANES, mask, order, count, again, counts);
            FN(forward)(net, work, w, y, work->on + b * LANES);
            FN(backward)(net, how, work, w, y, d, counts);
        }
        for (int64_t c = 0; c < net->connections; c++) {
            /* Where several layers share weights, each case adds the terms of all of them before the next. */
            const int64_t uses = work->first_use[c + 1] - work->first_use[c], some = uses > 1 ? 1 : in_memory;
            for (int64_t b = 0; work->sums[c] && b < in_memory; b += some)
                for (int64_t u = work->first_use[c]; u < work->first_use[c + 1]; u++)
                    FN(add_to_sums)(net, work, c, work->uses[u], b, some);
        }
    }
    for (int64_t c = 0; c < net->connections; c++)
        if (work->sums[c])
            FN(change_by_sums)(net, how, work, c, w, changes, shown);
        else
            FN(change_at_once)(net, how, work, c, w, changes, blocks, shown);
}

static TARGET void FN(train)(const struct network *net, const struct cases *cases, const struct change *how,
                             struct work *work, int64_t networks, int64_t sweeps, double *weights, double *changes,
                             const double *mask, const int64_t *orders, int64_t shown, int64_t batch) {
    for (int64_t n = 0; n < networks; n++) {
        double *w = weights + n * net->weights, *c = changes + n * net->weights;
        for (int64_t t = 0; t < sweeps; t++) {
            if (!orders) {
                FN(change)(net, cases, how, work, w, c, mask + n * cases->cases, NULL, cases->cases);
                continue;
            }
            const int64_t *order = orders + (n * sweeps + t) * shown;
            for (int64_t first = 0; first < shown; first += batch)
                FN(change)(net, cases, how, work, w, c, NULL, order + first,
                           shown - first < batch ? shown - first : batch);
        }
    }
}

static TARGET void FN(answer)(const struct network *net, const struct cases *cases, struct work *work,
                              int64_t networks, const double *weights, double *answers) {
    const int64_t top = net->layers - 1, units = net->units[top];
    for (int64_t n = 0; n < networks; n++)
        for (int64_t first = 0; first < cases->cases; first += LANES) {
            load_inputs(net, cases, work, 0, first, NULL, cases->cases);
            FN(forward)(net, work, weights + n * net->weights, work->y, work->on);
            const eight *y = work->y + work->first[top];
            for (int k = 0; k < LANES && first + k < cases->cases; k++)
                for (int64_t j = 0; j < units; j++) answers[(n * cases->cases + first + k) * units + j] = y[j][k];
        }
}

static TARGET void FN(evaluate)(const struct network *net, const struct cases *cases, struct work *work,
                                int64_t networks, const double *weights, double margin, double *terms,
                                uint8_t *right) {
    const int64_t top = net->layers - 1, units = net->units[top], all = networks * cases->cases;
    for (int64_t n = 0; n < networks; n++)
        for (int64_t first = 0; first < cases->cases; first += LANES) {
            load_inputs(net, cases, work, 0, first, NULL, cases->cases);
            load_answers(net, cases, work, 0, first, NULL, cases->cases);
            FN(forward)(net, work, weights + n * net->weights, work->y, work->on);
            const eight *y = work->y + work->first[top], *d = work->d + work->first[top];
            for (int k = 0; k < LANES && first + k < cases->cases; k++) {
                const int64_t at = n * cases->cases + first + k;
                double error = 0, most = y[0][k], lowest_right = __builtin_inf(), highest_wrong = -__builtin_inf();
                int is_right = 1, by_margins = 1, by_best = d[0][k] > 0.5, finite = 1;
                for (int64_t j = 0; j < units; j++) {
                    const double activity = y[j][k], difference = activity - d[j][k];
                    const int on = d[j][k] > 0.5;
                    error += 0.5 * (difference * difference);
                    is_right &= on ? activity > 0.5 : activity < 0.5;
                    by_margins &= on ? activity > 1 - margin : activity < margin;
                    finite &= activity - activity == 0;
                    if (activity > most) most = activity, by_best = on;
                    if (on && activity < lowest_right) lowest_right = activity;
                    if (!on && activity > highest_wrong) highest_wrong = activity;
                }
                terms[at] = error;
                right[at] = (uint8_t)is_right;
                right[all + at] = (uint8_t)by_margins;
                right[2 * all + at] = (uint8_t)(by_best && finite);
                right[3 * all + at] = (uint8_t)(lowest_right > highest_wrong && finite);
            }
        }
}

#include "embedding.h"

#undef FN
#undef INLINE
#undef PARTS
#undef SUMS
#undef COLUMNS
#undef MOST_COLUMNS
#undef WIDTH
#undef TARGET
#undef LEVEL
#undef vector
#undef integers
