/* The equations of ../embedding.py for one width of vectors: people as vectors or matrices, relations as matrices. sweep.h
   includes this file, and embedding_memory.h holds what it keeps in memory.

   The lanes are eight cases, as in sweep.h. A block holds x of all people, then P, then dE/dx in the same place; Z of the
   block stands behind. The blocks of a group go through equations 1 to 6 together, so that the numbers of people are read
   from memory once for all of them. */

#define ACROSS (PARTS == 1 ? MOST_COLUMNS : COLUMNS) /* vectors for which a sum goes along together */

/* x_t += y_0 w_0t + y_1 w_1t + ..., one term after another, for `width` neighbouring t in each block of a group. */
INLINE void FN(add_over_group)(vector *restrict x, int64_t x_step, const vector *restrict y, int64_t y_step,
                               const double *restrict w, int64_t terms, int64_t term_step, int64_t tile_step,
                               const int width, int64_t blocks) {
    int64_t b = 0;
#if WIDTH == 8
    for (; b + ACROSS <= blocks; b += ACROSS)
        FN(add_tile)(x + b * x_step, y + b * y_step, w, terms, term_step, tile_step, width, x_step, y_step, ACROSS);
#endif
    for (; b < blocks; b++)
        for (int part = 0; part < PARTS; part += COLUMNS)
            FN(add_tile)(x + b * x_step + part, y + b * y_step + part, w, terms, term_step, tile_step, width, 1, 1,
                         COLUMNS);
}

/* The rows of w of the units that are on in the eight cases of a block: (numbers) eights. */
INLINE void FN(rows_of)(vector *restrict found, const double *restrict w, const int64_t *on, const int64_t *place,
                        int64_t numbers) {
    const double *row[LANES];
    for (int k = 0; k < LANES; k++) row[k] = w + on[place[k]] * numbers;
    for (int64_t f = 0; f < numbers; f++)
#pragma GCC unroll 4
        for (int part = 0; part < PARTS; part++) {
            vector each = {0};
#pragma GCC unroll 8
            for (int k = 0; k < WIDTH; k++) each[k] = row[part * WIDTH + k][f];
            found[f * PARTS + part] = each;
        }
}

/* sum_i one_ki other_il, one term after another, for all k below `rows` and l below `columns`. The steps say how far
   apart neighbouring k and i, or i and l, stand. */
INLINE void FN(matrix_product)(vector *restrict found, const vector *restrict one, int64_t one_k, int64_t one_i,
                               const vector *restrict other, int64_t other_i, int64_t other_l, int64_t rows,
                               int64_t terms, int64_t columns) {
    for (int64_t k = 0; k < rows; k++)
        for (int64_t l = 0; l < columns; l++)
#pragma GCC unroll 4
            for (int part = 0; part < PARTS; part++) {
                const vector *a = one + k * one_k * PARTS + part, *b = other + l * other_l * PARTS + part;
                vector total = *a * *b;
                for (int64_t i = 1; i < terms; i++) total += a[i * one_i * PARTS] * b[i * other_i * PARTS];
                *found = total;
                found++;
            }
}

/* Equations 1 and 2 for a group of blocks, and the largest x of each case. */
INLINE void FN(scores)(const struct embedding *e, const struct cases *cases, const struct embedding_work *work,
                       const double *restrict w, eight *restrict group, int64_t blocks) {
    const int64_t n = work->numbers, step = work->step * PARTS;
    const vector zero = {0};
    vector *x = (vector *)group, *z = x + e->people * PARTS, *most = (vector *)work->most;
    for (int64_t b = 0; b < blocks; b++) {
        vector *a = (vector *)(work->a + b * n), *r = (vector *)(work->r + b * work->square);
        const int64_t *place = work->place + b * LANES;
        FN(rows_of)(a, w, cases->on[0], place, n);
        FN(rows_of)(r, w + e->people * n, cases->on[1], place, work->square);
        FN(matrix_product)(z + b * step, r, e->rows, 1, a, e->columns, 1, e->rows, e->rows, e->columns); /* equation 1 */
        if (e->squashed) FN(activate)(z + b * step, n, TANH);
        for (int part = 0; part < PARTS; part++) most[b * PARTS + part] = zero - __builtin_inf();
    }
    for (int64_t t = 0, width; t < e->people; t += width) { /* equation 2 */
        const double *twice = work->twice + t * n;
        width = t + TILE <= e->people ? TILE : t + 2 <= e->people ? 2 : 1;
        for (int64_t b = 0; b < blocks; b++)
            for (int64_t j = 0; j < width * PARTS; j++) x[b * step + t * PARTS + j] = zero + work->start[t + j / PARTS];
        if (width == TILE)
            FN(add_over_group)(x + t * PARTS, step, z, step, twice, n, 1, n, TILE, blocks);
        else if (width == 2)
            FN(add_over_group)(x + t * PARTS, step, z, step, twice, n, 1, n, 2, blocks);
        else
            FN(add_over_group)(x + t * PARTS, step, z, step, twice, n, 1, n, 1, blocks);
        for (int64_t b = 0; b < blocks; b++)
            for (int64_t j = 0; j < width * PARTS; j++) {
                const vector each = x[b * step + t * PARTS + j], so_far = most[b * PARTS + j % PARTS];
                most[b * PARTS + j % PARTS] = FN(select)(each > so_far, each, so_far);
            }
    }
}

/* exp(x - most) of a block, in place, and its sum over people in their order. */
INLINE void FN(powers)(vector *restrict x, const vector *restrict most, vector *restrict sum, int64_t people) {
    const vector zero = {0};
    vector total[PARTS], above[PARTS], some[TOGETHER];
    int64_t v = 0;
    const int64_t end = people * PARTS;
    for (int part = 0; part < PARTS; part++) total[part] = zero, above[part] = most[part];
    for (; v + TOGETHER <= end; v += TOGETHER) {
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) some[k] = x[v + k] - above[k % PARTS];
        FN(exponentials)(some, TOGETHER);
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) total[k % PARTS] += (x[v + k] = some[k]);
    }
    for (; v < end; v++) total[v % PARTS] += (x[v] = FN(exponential)(x[v] - above[v % PARTS]));
    for (int part = 0; part < PARTS; part++) sum[part] = total[part];
}

/* Equations 3 and 5 for a block: from x to dE/dx. `place` and `counts`: its cases, and 1 for a training case, else 0. */
INLINE void FN(output_derivative)(const struct embedding *e, const struct cases *cases, vector *restrict x,
                                  const vector *restrict most, const int64_t *place, const double *counts) {
    vector sum[PARTS];
    const vector *mask = (const vector *)counts;
    FN(powers)(x, most, sum, e->people);
    for (int64_t j = 0; j < e->people; j++)
#pragma GCC unroll 4
        for (int part = 0; part < PARTS; part++) x[j * PARTS + part] = x[j * PARTS + part] / sum[part] * mask[part];
    for (int k = 0; k < LANES; k++) {
        if (counts[k] == 0) continue;
        for (int64_t a = cases->first_answer[place[k]]; a < cases->first_answer[place[k] + 1]; a++)
            ((double *)x)[cases->answer[a] * LANES + k] -= cases->desired[place[k]];
    }
}

/* Equation 6 for a group of blocks. So many people at a time that their numbers stay in a near cache. */
INLINE void FN(back_to_product)(const struct embedding *e, const struct embedding_work *work,
                                const eight *restrict group, int64_t blocks) {
    const int64_t n = work->numbers, step = work->step * PARTS;
    const vector *dx = (const vector *)group;
    vector *dz = (vector *)work->dz;
    memset(dz, 0, (size_t)(blocks * n) * sizeof(eight));
    for (int64_t first = 0; first < e->people; first += SHEET) {
        const int64_t some = e->people - first < SHEET ? e->people - first : SHEET;
        const double *twice = work->twice + first * n;
        for (int64_t t = 0, width; t < n; t += width) {
            width = t + TILE <= n ? TILE : t + 2 <= n ? 2 : 1;
            vector *to = dz + t * PARTS;
            const vector *from = dx + first * PARTS;
            if (width == TILE)
                FN(add_over_group)(to, n * PARTS, from, step, twice + t, some, n, 1, TILE, blocks);
            else if (width == 2)
                FN(add_over_group)(to, n * PARTS, from, step, twice + t, some, n, 1, 2, blocks);
            else
                FN(add_over_group)(to, n * PARTS, from, step, twice + t, some, n, 1, 1, blocks);
        }
    }
}

/* Add the terms of a block to the partial sums of the units that are on: of people (0) or relations (1). */
INLINE void FN(add_terms)(struct embedding_work *work, int which, const int64_t *on, const int64_t *place,
                          const double *counts, int64_t numbers) {
    for (int k = 0; k < LANES; k++) {
        if (counts[k] == 0) continue;
        int64_t *slot = work->slot[which] + on[place[k]];
        if (*slot < 0) {
            *slot = work->slots[which]++;
            memset(work->asked[which] + *slot * numbers, 0, (size_t)numbers * sizeof(eight));
        }
        double *sums = (double *)(work->asked[which] + *slot * numbers) + k;
        const double *terms = (const double *)work->term + k;
        for (int64_t f = 0; f < numbers * LANES; f += LANES) sums[f] += terms[f];
    }
}

/* Equations 1 to 6 for a group of blocks, and their terms of equations 8 and 9. Z and dE/dx stay in the blocks. */
INLINE void FN(passes)(const struct embedding *e, const struct cases *cases, struct embedding_work *work,
                       const double *restrict w, eight *restrict group, int64_t blocks, const double *counts) {
    FN(scores)(e, cases, work, w, group, blocks);
    for (int64_t b = 0; b < blocks; b++)
        FN(output_derivative)(e, cases, (vector *)(group + b * work->step), (const vector *)(work->most + b),
                              work->place + b * LANES, counts + b * LANES);
    FN(back_to_product)(e, work, group, blocks);
    for (int64_t b = 0; b < blocks; b++) {
        const vector *a = (const vector *)(work->a + b * work->numbers);
        const vector *r = (const vector *)(work->r + b * work->square);
        const vector *dz = (const vector *)(work->dz + b * work->numbers);
        vector *term = (vector *)work->term;
        const eight *z = group + b * work->step + e->people;
        if (e->squashed) FN(times_slope)((vector *)(work->dz + b * work->numbers), (const vector *)z, work->numbers, TANH);
        FN(matrix_product)(term, dz, e->columns, 1, a, 1, e->columns, e->rows, e->columns, e->rows); /* equation 8 */
        FN(add_terms)(work, 1, cases->on[1], work->place + b * LANES, counts + b * LANES, work->square);
        FN(matrix_product)(term, r, 1, e->rows, dz, e->columns, 1, e->rows, e->rows, e->columns); /* equation 9 */
        FN(add_terms)(work, 0, cases->on[0], work->place + b * LANES, counts + b * LANES, work->numbers);
    }
}

/* Equation 7 for `rows` people: the blocks in memory are added to their partial sums. */
INLINE void FN(add_candidates)(const struct embedding *e, const struct embedding_work *work, int64_t j, int64_t blocks,
                               const int rows) {
    const eight *z = work->block + e->people, *d = work->block + j;
    vector *sums = (vector *)(work->candidate + j * wide(work->numbers)), *length = (vector *)(work->length + j);
    for (int64_t b = 0; b < blocks; b++)
        for (int64_t v = 0; v < rows * PARTS; v++) length[v] += ((const vector *)(d + b * work->step))[v];
    for (int64_t t = 0; t < work->numbers; t += SUMS)
        FN(add_blocks)(sums + t * PARTS, wide(work->numbers) * PARTS, d, z + t, blocks, work->step, rows);
}

/* Equation 7 for `rows` people all cases of which are in memory: sum_c dE/dx_jc Z_c into work->row, and the sums of
   dE/dx_jc into work->length. */
INLINE void FN(sum_candidates)(const struct embedding *e, const struct embedding_work *work, int64_t j, int64_t blocks,
                               const int rows) {
    const eight *z = work->block + e->people, *d = work->block + j;
    const vector zero = {0};
    vector length[ROWS * PARTS];
#pragma GCC unroll 8
    for (int v = 0; v < rows * PARTS; v++) length[v] = zero;
    for (int64_t b = 0; b < blocks; b++)
#pragma GCC unroll 8
        for (int v = 0; v < rows * PARTS; v++) length[v] += ((const vector *)(d + b * work->step))[v];
#pragma GCC unroll 8
    for (int v = 0; v < rows * PARTS; v++) ((vector *)work->length)[v] = length[v];
    for (int64_t t = 0; t < work->numbers; t += SUMS)
        FN(gradient)(work->row + t, wide(work->numbers), d, z + t, blocks, work->step, rows);
}

/* Equation 9 (of people, 0) or 8 (of relations, 1) for the unit number j: into g. Returns 0 if it is on in no case. */
INLINE int FN(sum_asked)(const struct embedding_work *work, int which, int64_t j, int64_t numbers, double *restrict g) {
    const int64_t slot = work->slot[which][j];
    if (slot < 0) return 0;
    for (int64_t t = 0; t < numbers; t += WIDTH)
        *(vector *)(g + t) = FN(added)((const vector *)(work->asked[which] + slot * numbers + t));
    return 1;
}

/* Equations 7 and 9 together, and equation 9 of Nature, for `rows` people from number j on. `whole`: all cases are in
   memory. */
INLINE void FN(change_people)(const struct embedding *e, const struct change *how, const struct embedding_work *work,
                              int64_t j, double *restrict w, double *restrict changes, int64_t blocks, double shown,
                              int whole, const int rows) {
    const int64_t n = work->numbers, width = wide(n);
    if (whole) FN(sum_candidates)(e, work, j, blocks, rows);
    for (int r = 0; r < rows; r++) {
        const int64_t person = j + r, begin = work->candidates + person * n;
        const double *p = work->length[whole ? r : person], *v = w + begin;
        const double length = ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
        double *g = work->row + r * width, *asked = work->row + ROWS * width;
        for (int64_t t = 0; !whole && t < n; t += WIDTH)
            *(vector *)(g + t) = FN(added)((const vector *)(work->candidate + person * width + t));
        for (int64_t f = 0; f < n; f++) g[f] = 2.0 * (g[f] - v[f] * length);
        if (e->shared && FN(sum_asked)(work, 0, person, n, asked))
            for (int64_t f = 0; f < n; f++) g[f] += asked[f];
        FN(step)(how, e->shared ? 0 : 2, begin, n, g, shown, w, changes);
    }
}

/* Equation 9 of Nature for weights that only questions use: of people (0) or relations (1), which begin at `begin`. */
INLINE void FN(change_asked)(const struct change *how, const struct embedding_work *work, int which, int64_t begin,
                             int64_t units, int64_t numbers, double *restrict w, double *restrict changes,
                             double shown) {
    for (int64_t j = 0; j < units; j++) {
        double *g = FN(sum_asked)(work, which, j, numbers, work->row) ? work->row : NULL;
        FN(step)(how, which, begin + j * numbers, numbers, g, shown, w, changes);
    }
}

/* The numbers that equation 2 begins with, -|V_j|^2, and those that it multiplies by, 2 V_jf. */
INLINE void FN(read_people)(const struct embedding *e, const struct embedding_work *work,
                            const double *restrict weights) {
    const int64_t n = work->numbers;
    const double *w = weights + work->candidates;
    for (int64_t k = 0; k < e->people * n; k++) work->twice[k] = 2.0 * w[k];
    for (int64_t j = 0; j < e->people; j++) {
        double squared = w[j * n] * w[j * n];
        for (int64_t f = 1; f < n; f++) squared += w[j * n + f] * w[j * n + f];
        work->start[j] = -squared;
    }
}

/* One change of all weights by some cases. `order`: these cases, or NULL for all cases; `mask` goes with the latter. */
INLINE void FN(change_embedding)(const struct embedding *e, const struct cases *cases, const struct change *how,
                                 struct embedding_work *work, double *restrict w, double *restrict changes,
                                 const double *mask, const int64_t *order, int64_t count) {
    const int64_t blocks = (count + LANES - 1) / LANES;
    const int whole = blocks <= work->blocks;
    double shown = 0;
    double counts[GROUP * LANES] __attribute__((aligned(64)));
    FN(read_people)(e, work, w);
    begin_embedding_sums(e, work, whole);
    for (int64_t first = 0; first < blocks; first += work->blocks) {
        const int64_t in_memory = blocks - first < work->blocks ? blocks - first : work->blocks;
        for (int64_t b = 0; b < in_memory; b += GROUP) {
            const int64_t some = in_memory - b < GROUP ? in_memory - b : GROUP;
            shown += load_group(work, (first + b) * LANES, some, mask, order, count, counts);
            FN(passes)(e, cases, work, w, work->block + b * work->step, some, counts);
        }
        for (int64_t j = 0; !whole && j < e->people; j += ROWS)
            if (j + ROWS <= e->people)
                FN(add_candidates)(e, work, j, in_memory, ROWS);
            else
                FN(add_candidates)(e, work, j, in_memory, 1);
    }
    for (int64_t j = 0; j < e->people; j += ROWS)
        if (j + ROWS <= e->people)
            FN(change_people)(e, how, work, j, w, changes, blocks, shown, whole, ROWS);
        else
            FN(change_people)(e, how, work, j, w, changes, blocks, shown, whole, 1);
    if (!e->shared) FN(change_asked)(how, work, 0, 0, e->people, work->numbers, w, changes, shown);
    FN(change_asked)(how, work, 1, e->people * work->numbers, e->relations, work->square, w, changes, shown);
}

static TARGET void FN(train_embedding)(const struct embedding *e, const struct cases *cases, const struct change *how,
                                       struct embedding_work *work, int64_t networks, int64_t sweeps, double *weights,
                                       double *changes, const double *mask, const int64_t *orders, int64_t shown,
                                       int64_t batch) {
    const int64_t size = work->size;
    for (int64_t n = 0; n < networks; n++) {
        double *w = weights + n * size, *c = changes + n * size;
        for (int64_t t = 0; t < sweeps; t++) {
            if (!orders) {
                FN(change_embedding)(e, cases, how, work, w, c, mask + n * cases->cases, NULL, cases->cases);
                continue;
            }
            const int64_t *order = orders + (n * sweeps + t) * shown;
            for (int64_t first = 0; first < shown; first += batch)
                FN(change_embedding)(e, cases, how, work, w, c, NULL, order + first,
                                     shown - first < batch ? shown - first : batch);
        }
    }
}

/* How near each person is to an answer, from x of a block, in place: exp of half the distance to the largest x. */
INLINE void FN(nearness)(vector *restrict x, const vector *restrict most, int64_t people) {
    const int64_t end = people * PARTS;
    vector some[TOGETHER];
    int64_t v = 0;
    for (; v + TOGETHER <= end; v += TOGETHER) {
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) some[k] = 0.5 * (x[v + k] - most[k % PARTS]);
        FN(exponentials)(some, TOGETHER);
#pragma GCC unroll 4
        for (int k = 0; k < TOGETHER; k++) x[v + k] = some[k];
    }
    for (; v < end; v++) x[v] = FN(exponential)(0.5 * (x[v] - most[v % PARTS]));
}

/* The answers of the eight cases of a block, or with `raw` x of equation 2: (networks, cases, people). */
static TARGET void FN(answer_embedding)(const struct embedding *e, const struct cases *cases,
                                        struct embedding_work *work, int64_t networks, const double *weights, int64_t raw,
                                        double *answers) {
    const int64_t size = work->size;
    double counts[GROUP * LANES];
    for (int64_t n = 0; n < networks; n++) {
        FN(read_people)(e, work, weights + n * size);
        for (int64_t first = 0; first < cases->cases; first += LANES) {
            load_group(work, first, 1, NULL, NULL, cases->cases, counts);
            FN(scores)(e, cases, work, weights + n * size, work->block, 1);
            if (!raw) FN(nearness)((vector *)work->block, (const vector *)work->most, e->people);
            const int64_t some = cases->cases - first < LANES ? cases->cases - first : LANES;
            double *row = answers + (n * cases->cases + first) * e->people;
            for (int64_t j = 0; j < e->people; j += LANES) /* a square of numbers at a time stays in the cache */
                for (int64_t k = 0; k < some; k++)
                    for (int64_t i = j; i < j + LANES && i < e->people; i++) row[k * e->people + i] = work->block[i][k];
        }
    }
}

/* Equation 3 of Nature and the criteria of evaluation.py, as `evaluate` in kernel.c gives them. */
static TARGET void FN(evaluate_embedding)(const struct embedding *e, const struct cases *cases,
                                          struct embedding_work *work, int64_t networks, const double *weights,
                                          double margin, double *terms, uint8_t *right) {
    const int64_t size = work->size, all = networks * cases->cases;
    const vector zero = {0}, half = zero + 0.5, high = zero + (1 - margin), low = zero + margin;
    double counts[GROUP * LANES];
    for (int64_t n = 0; n < networks; n++) {
        FN(read_people)(e, work, weights + n * size);
        for (int64_t first = 0; first < cases->cases; first += LANES) {
            eight error;
            int64_t flags[4][LANES] __attribute__((aligned(64)));
            load_group(work, first, 1, NULL, NULL, cases->cases, counts);
            FN(scores)(e, cases, work, weights + n * size, work->block, 1);
            FN(nearness)((vector *)work->block, (const vector *)work->most, e->people);
            load_desired(e, cases, work, first);
            for (int part = 0; part < PARTS; part++) {
                const vector *y = (const vector *)work->block + part, *d = (const vector *)work->desired + part;
                vector sum = zero, most = *y;
                vector lowest_right = zero + __builtin_inf(), highest_wrong = zero - __builtin_inf();
                integers is_right = (integers)zero == 0, by_margins = is_right, finite = is_right, best = *d > half;
                for (int64_t j = 0; j < e->people * PARTS; j += PARTS) {
                    const vector difference = y[j] - d[j];
                    const integers on = d[j] > half, more = y[j] > most;
                    sum += 0.5 * (difference * difference);
                    is_right &= (on & (y[j] > half)) | (~on & (y[j] < half));
                    by_margins &= (on & (y[j] > high)) | (~on & (y[j] < low));
                    finite &= y[j] - y[j] == zero;
                    most = FN(select)(more, y[j], most);
                    best = (more & on) | (~more & best);
                    lowest_right = FN(select)(on & (y[j] < lowest_right), y[j], lowest_right);
                    highest_wrong = FN(select)(~on & (y[j] > highest_wrong), y[j], highest_wrong);
                }
                ((vector *)error)[part] = sum;
                ((integers *)flags[0])[part] = is_right;
                ((integers *)flags[1])[part] = by_margins;
                ((integers *)flags[2])[part] = best & finite;
                ((integers *)flags[3])[part] = (lowest_right > highest_wrong) & finite;
            }
            for (int k = 0; k < LANES && first + k < cases->cases; k++) {
                const int64_t at = n * cases->cases + first + k;
                terms[at] = error[k];
                for (int criterion = 0; criterion < 4; criterion++)
                    right[criterion * all + at] = (uint8_t)(flags[criterion][k] & 1);
            }
        }
    }
}

#undef ACROSS
