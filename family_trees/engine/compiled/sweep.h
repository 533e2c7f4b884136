/* The equations for eight cases at a time; see kernel.c, which sets LEVEL, TARGET, WIDTH, ROWS and TILE.

   A number of each of the eight cases of a block stands in LANES neighbouring doubles: LANES / WIDTH = PARTS vectors. The
   passes of a block take one vector after another, so that a pointer to vectors goes on by PARTS from unit to unit. */

#define FN(name) NAMED(name, LEVEL)
#define INLINE static inline __attribute__((always_inline)) TARGET
#define PARTS (LANES / WIDTH)
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

/* Equation 2 of `count` units, in place. */
INLINE void FN(logistic)(vector *restrict y, const int count) {
    vector e[TOGETHER];
#pragma GCC unroll 4
    for (int k = 0; k < count; k++) e[k] = -y[k * PARTS];
    FN(exponentials)(e, count);
#pragma GCC unroll 4
    for (int k = 0; k < count; k++) y[k * PARTS] = 1.0 / (1.0 + e[k]);
}

/* Equation 2 and its relatives: activities of a layer from its total inputs, in place. */
INLINE void FN(activate)(vector *restrict y, int64_t units, int64_t kind) {
    const int64_t end = units * PARTS;
    const vector zero = {0};
    const integers sign = (integers)zero + INT64_MIN;
    if (kind == LOGISTIC) {
        int64_t j = 0;
        for (; j + TOGETHER * PARTS <= end; j += TOGETHER * PARTS) FN(logistic)(y + j, TOGETHER);
        for (; j + 2 * PARTS <= end; j += 2 * PARTS) FN(logistic)(y + j, 2);
        if (j < end) FN(logistic)(y + j, 1);
    } else if (kind == TANH) {
        for (int64_t j = 0; j < end; j += PARTS) {
            integers minus = (integers)y[j] & sign;
            vector t = FN(exponential)(-2.0 * (vector)((integers)y[j] & ~sign));
            y[j] = (vector)((integers)((1.0 - t) / (1.0 + t)) | minus);
        }
    } else if (kind == RELU) {
        for (int64_t j = 0; j < end; j += PARTS) y[j] = FN(select)(y[j] > zero, y[j], zero);
    } else if (kind == LEAKY_RELU) {
        for (int64_t j = 0; j < end; j += PARTS) y[j] = FN(select)(y[j] > zero, y[j], 0.1 * y[j]);
    } else if (kind == ELU) {
        for (int64_t j = 0; j < end; j += PARTS) y[j] = FN(select)(y[j] > zero, y[j], FN(exponential)(y[j]) - 1.0);
    } else if (kind == SOFTMAX) {
        vector most = y[0], sum = zero;
        for (int64_t j = PARTS; j < end; j += PARTS) most = FN(select)(y[j] > most, y[j], most);
        for (int64_t j = 0; j < end; j += PARTS) sum += (y[j] = FN(exponential)(y[j] - most));
        for (int64_t j = 0; j < end; j += PARTS) y[j] = y[j] / sum;
    }
}

/* The factor of equation 5: dE/dx from dE/dy, in place. */
INLINE void FN(times_slope)(vector *restrict d, const vector *restrict y, int64_t units, int64_t kind) {
    const int64_t end = units * PARTS;
    const vector zero = {0}, one = zero + 1.0;
    if (kind == LOGISTIC) {
        for (int64_t j = 0; j < end; j += PARTS) d[j] = d[j] * (y[j] * (1.0 - y[j]));
    } else if (kind == TANH) {
        for (int64_t j = 0; j < end; j += PARTS) d[j] = d[j] * (1.0 - y[j] * y[j]);
    } else if (kind == RELU) {
        for (int64_t j = 0; j < end; j += PARTS) d[j] = d[j] * FN(select)(y[j] > zero, one, zero);
    } else if (kind == LEAKY_RELU) {
        for (int64_t j = 0; j < end; j += PARTS) d[j] = d[j] * FN(select)(y[j] > zero, one, zero + 0.1);
    } else if (kind == ELU) {
        for (int64_t j = 0; j < end; j += PARTS) d[j] = d[j] * FN(select)(y[j] > zero, one, y[j] + 1.0);
    }
}

/* --- Sums over units, in their order --- */

/* x_t += y_0 w_0t + y_1 w_1t + ..., one term after another, for `width` neighbouring t. */
INLINE void FN(add_tile)(vector *restrict x, const vector *restrict y, const double *restrict w, int64_t terms,
                         int64_t term_step, int64_t tile_step, const int width) {
    vector a[TILE];
#pragma GCC unroll 6
    for (int t = 0; t < width; t++) a[t] = x[t * PARTS];
    for (int64_t i = 0; i < terms; i++) {
        const vector yi = y[i * PARTS];
        const double *wi = w + i * term_step;
#pragma GCC unroll 6
        for (int t = 0; t < width; t++) a[t] += yi * wi[t * tile_step];
    }
#pragma GCC unroll 6
    for (int t = 0; t < width; t++) x[t * PARTS] = a[t];
}

INLINE void FN(add_products)(vector *restrict x, const vector *restrict y, const double *restrict w, int64_t units,
                             int64_t terms, int64_t term_step, int64_t tile_step) {
    int64_t t = 0;
    for (; t + TILE <= units; t += TILE) FN(add_tile)(x + t * PARTS, y, w + t * tile_step, terms, term_step, tile_step, TILE);
    for (; t + 2 <= units; t += 2) FN(add_tile)(x + t * PARTS, y, w + t * tile_step, terms, term_step, tile_step, 2);
    if (t < units) FN(add_tile)(x + t * PARTS, y, w + t * tile_step, terms, term_step, tile_step, 1);
}

/* --- The forward pass of one block (equations 1 and 2) --- */

/* `on`: of each one-hot input layer, the units that are on in the cases of the block. */
INLINE void FN(forward)(const struct network *net, const struct work *work, const double *restrict w,
                        eight *restrict block, const int64_t *on, int part) {
    vector *y = (vector *)block + part;
    for (int64_t l = 0; l < net->layers; l++) {
        if (net->kind[l] < LOGISTIC) continue;
        vector *x = y + work->first[l] * PARTS;
        const int64_t units = net->units[l];
        const vector zero = {0};
        int64_t s = net->first_seen[l];
        const int64_t end = net->first_seen[l + 1];
        if (net->seen[s] == BIAS) {
            const double *bias = w + net->offset[net->seen_connection[s++]];
            for (int64_t j = 0; j < units; j++) x[j * PARTS] = zero + bias[j];
        } else {
            for (int64_t j = 0; j < units; j++) x[j * PARTS] = zero;
        }
        for (; s < end; s++) {
            const int64_t below = net->seen[s];
            const double *from = w + net->offset[net->seen_connection[s]];
            if (net->kind[below] == ONE_HOT_INPUT) {
                const int64_t *is_on = on + below * work->on_step + part * WIDTH;
                for (int64_t j = 0; j < units; j++) {
                    vector each = zero;
                    for (int k = 0; k < WIDTH; k++) each[k] = from[is_on[k] * units + j];
                    x[j * PARTS] += each;
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
                         const double *counts, int part) {
    const vector *y = (const vector *)activities + part;
    vector *d = (vector *)block + part;
    const vector zero = {0}, margin = zero + how->margin, mask = *(const vector *)(counts + part * WIDTH);
    const integers sign = (integers)zero + INT64_MIN;
    const int64_t top = net->layers - 1, end = net->units[top] * PARTS;
    vector *out = d + work->first[top] * PARTS;
    const vector *answered = y + work->first[top] * PARTS;
    for (int64_t j = 0; j < end; j += PARTS) {
        vector difference = answered[j] - out[j]; /* equation 4 */
        integers good = (vector)((integers)difference & ~sign) <= margin;
        out[j] = (vector)((integers)(difference * mask) & ~good);
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

/* The sum of eight partial sums. */
INLINE double FN(added)(const double *p) {
    const four q = *(const four *)p + *(const four *)(p + 4);
    return (q[0] + q[2]) + (q[1] + q[3]);
}

/* Equation 9 for the weights from one unit, and their decay. g is the gradient, or NULL where it is 0. */
INLINE void FN(step)(double *restrict w, double *restrict c, const double *restrict g, int64_t units, double alpha,
                     double epsilon, double factor) {
    if (g)
        for (int64_t j = 0; j < units; j++) {
            c[j] = alpha * c[j] - epsilon * g[j];
            w[j] = (w[j] + c[j]) * factor;
        }
    else
        for (int64_t j = 0; j < units; j++) {
            c[j] = alpha * c[j];
            w[j] = (w[j] + c[j]) * factor;
        }
}

/* The partial sums of `rows` x `width` weights over the blocks in memory. y and d point to those of the first block. */
INLINE void FN(sum_tile)(eight *restrict sums, const eight *restrict y, const eight *restrict d, int64_t blocks,
                         int64_t step, const int rows, const int width) {
    for (int part = 0; part < PARTS; part++) {
        vector a[ROWS][TILE];
        const vector zero = {0};
#pragma GCC unroll 2
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
            for (int t = 0; t < width; t++) a[r][t] = zero;
        for (int64_t b = 0; b < blocks; b++) {
            const vector *yb = (const vector *)(y + b * step) + part, *db = (const vector *)(d + b * step) + part;
            vector yr[ROWS];
#pragma GCC unroll 2
            for (int r = 0; r < rows; r++) yr[r] = yb[r * PARTS];
#pragma GCC unroll 6
            for (int t = 0; t < width; t++) {
                const vector dt = db[t * PARTS];
#pragma GCC unroll 2
                for (int r = 0; r < rows; r++) a[r][t] += yr[r] * dt;
            }
        }
#pragma GCC unroll 2
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
            for (int t = 0; t < width; t++) ((vector *)sums[r * TILE + t])[part] = a[r][t];
    }
}

/* Equation 9 for the weights from some units, from their gradient in work->row. */
INLINE void FN(apply)(const struct network *net, const struct change *how, const struct work *work, int64_t c,
                      double *restrict w, double *restrict changes, int64_t first, int64_t rows, double shown) {
    const int64_t units = net->above[c], begin = net->offset[c] + first * units;
    if (how->averaged)
        for (int64_t k = 0; k < rows * units; k++) work->row[k] = work->row[k] / shown;
    FN(step)(w + begin, changes + begin, work->row, rows * units, how->alpha, how->epsilon[c], how->factor[c]);
}

/* Equations 6 and 9 for a connection with one use, all cases of which are in memory. */
INLINE void FN(change_at_once)(const struct network *net, const struct change *how, const struct work *work, int64_t c,
                               double *restrict w, double *restrict changes, int64_t blocks, double shown) {
    const struct use use = work->uses[work->first_use[c]];
    const int64_t units = net->above[c], step = work->total;
    const eight *d = work->d + work->first[use.above];
    if (use.below == BIAS) {
        for (int64_t j = 0; j < units; j++) {
            eight sum;
            for (int part = 0; part < PARTS; part++) {
                vector of_part = {0};
                for (int64_t b = 0; b < blocks; b++) of_part += ((const vector *)d[b * step + j])[part];
                ((vector *)sum)[part] = of_part;
            }
            work->row[j] = FN(added)(sum);
        }
        FN(apply)(net, how, work, c, w, changes, 0, 1, shown);
        return;
    }
    const eight *y = work->y + work->first[use.below];
    for (int64_t i = 0, rows; i < net->below[c]; i += rows) {
        rows = i + ROWS <= net->below[c] ? ROWS : 1;
        for (int64_t t = 0, width; t < units; t += width) {
            eight sums[ROWS * TILE];
            width = t + TILE <= units ? TILE : t + 2 <= units ? 2 : 1;
            if (rows == ROWS && width == TILE)
                FN(sum_tile)(sums, y + i, d + t, blocks, step, ROWS, TILE);
            else if (rows == ROWS && width == 2)
                FN(sum_tile)(sums, y + i, d + t, blocks, step, ROWS, 2);
            else if (rows == ROWS)
                FN(sum_tile)(sums, y + i, d + t, blocks, step, ROWS, 1);
            else if (width == TILE)
                FN(sum_tile)(sums, y + i, d + t, blocks, step, 1, TILE);
            else if (width == 2)
                FN(sum_tile)(sums, y + i, d + t, blocks, step, 1, 2);
            else
                FN(sum_tile)(sums, y + i, d + t, blocks, step, 1, 1);
            for (int64_t r = 0; r < rows; r++)
                for (int64_t k = 0; k < width; k++) work->row[r * units + t + k] = FN(added)(sums[r * TILE + k]);
        }
        FN(apply)(net, how, work, c, w, changes, i, rows, shown);
    }
}

/* Equation 6 for the other connections: the cases in memory are added to the partial sums of those before them. */
INLINE void FN(add_to_sums)(const struct network *net, const struct work *work, int64_t c, int64_t blocks) {
    const int64_t units = net->above[c], step = work->total;
    eight *restrict sums = work->sums[c];
    for (int64_t b = 0; b < blocks; b++)
        for (int64_t u = work->first_use[c]; u < work->first_use[c + 1]; u++) {
            const int64_t below = work->uses[u].below;
            const eight *d = work->d + b * step + work->first[work->uses[u].above];
            if (below == BIAS) {
                for (int64_t j = 0; j < units; j++)
                    for (int part = 0; part < PARTS; part++)
                        ((vector *)sums[j])[part] += ((const vector *)d[j])[part];
            } else if (net->kind[below] == ONE_HOT_INPUT) {
                const int64_t *slots = work->slot_on + below * work->on_step + b * LANES;
                for (int k = 0; k < LANES; k++)
                    for (int64_t j = 0; j < units; j++) sums[slots[k] * units + j][k] += d[j][k];
            } else {
                const eight *y = work->y + b * step + work->first[below];
                for (int64_t i = 0; i < net->below[c]; i++)
                    for (int64_t j = 0; j < units; j++)
                        for (int part = 0; part < PARTS; part++)
                            ((vector *)sums[i * units + j])[part] +=
                                ((const vector *)y[i])[part] * ((const vector *)d[j])[part];
            }
        }
}

/* Equation 9 from the partial sums of all cases. */
INLINE void FN(change_by_sums)(const struct network *net, const struct change *how, const struct work *work, int64_t c,
                               double *restrict w, double *restrict changes, double shown) {
    const int64_t units = net->above[c], below = work->uses[work->first_use[c]].below;
    const int64_t *slot = below >= 0 && net->kind[below] == ONE_HOT_INPUT ? work->slot + work->first_slot[below] : NULL;
    for (int64_t i = 0; i < net->below[c]; i++) {
        const int64_t place = slot ? slot[i] : i, begin = net->offset[c] + i * units;
        if (place >= 0) {
            for (int64_t j = 0; j < units; j++) work->row[j] = FN(added)(work->sums[c][place * units + j]);
            FN(apply)(net, how, work, c, w, changes, i, 1, shown);
        } else {
            FN(step)(w + begin, changes + begin, NULL, units, how->alpha, how->epsilon[c], how->factor[c]);
        }
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
            for (int part = 0; part < PARTS; part++) {
                FN(forward)(net, work, w, y, work->on + b * LANES, part);
                FN(backward)(net, how, work, w, y, d, counts, part);
            }
        }
        for (int64_t c = 0; c < net->connections; c++)
            if (work->sums[c]) FN(add_to_sums)(net, work, c, in_memory);
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
            for (int part = 0; part < PARTS; part++)
                FN(forward)(net, work, weights + n * net->weights, work->y, work->on, part);
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
            for (int part = 0; part < PARTS; part++)
                FN(forward)(net, work, weights + n * net->weights, work->y, work->on, part);
            const eight *y = work->y + work->first[top], *d = work->d + work->first[top];
            for (int k = 0; k < LANES && first + k < cases->cases; k++) {
                const int64_t at = n * cases->cases + first + k;
                double error = 0, most = y[0][k];
                int is_right = 1, by_margins = 1, by_best = d[0][k] > 0.5, finite = 1;
                for (int64_t j = 0; j < units; j++) {
                    const double activity = y[j][k], difference = activity - d[j][k];
                    const int on = d[j][k] > 0.5;
                    error += 0.5 * (difference * difference);
                    is_right &= on ? activity > 0.5 : activity < 0.5;
                    by_margins &= on ? activity > 1 - margin : activity < margin;
                    finite &= activity - activity == 0;
                    if (activity > most) most = activity, by_best = on;
                }
                terms[at] = error;
                right[at] = (uint8_t)is_right;
                right[all + at] = (uint8_t)by_margins;
                right[2 * all + at] = (uint8_t)(by_best && finite);
            }
        }
}

#undef FN
#undef INLINE
#undef PARTS
#undef vector
#undef integers
