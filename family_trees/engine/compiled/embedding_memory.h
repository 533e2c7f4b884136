/* What the compiled engine keeps in memory for people as vectors or matrices: see embedding.h. kernel.c includes it. */

/* People with `rows` x `columns` numbers, and relations with `rows` x `rows`. Their weights stand in this order. People as
   answers have the numbers of people as persons if these are `shared`, else numbers of their own behind those of
   relations. Z is the product, or tanh of it if it is `squashed`. */
struct embedding { int64_t people, relations, rows, columns, shared, squashed; };

enum { GROUP = 4 };    /* blocks that go through equations 1 to 6 together */
enum { SHEET = 128 };  /* people whose numbers stay in a near cache meanwhile */

struct embedding_work {
    int64_t numbers, square;    /* of a person, and of a relation */
    int64_t size, candidates;   /* all weights of a network; where those of people as answers begin */
    int64_t step;               /* from a block to the next one, in eights: people, and then the numbers of Z */
    int64_t blocks;             /* in memory at once */
    eight *block;               /* (blocks, step) */
    eight *a, *r, *dz, *term;   /* of a group: A, R, dE/dZ; and of one block the terms of equation 8 or 9 */
    eight *most;                /* of a group: the largest x of each case */
    eight *desired;             /* (people): the desired activities, to EVALUATE */
    int64_t *place;             /* (GROUP, 8): the places of the cases of a group among all cases */
    double *twice, *start;      /* (people, numbers): 2 V; (people): -|V|^2 */
    int64_t *slot[2];           /* of people and of relations: where their sums of equations 9 and 8 stand, or -1 */
    int64_t slots[2];           /* how many have sums */
    eight *asked[2];            /* partial sums of equations 9 and 8, (slots, numbers) */
    eight *candidate, *length;  /* partial sums of equation 7; if all cases are in memory, only lengths of ROWS people */
    double *row;                /* the gradient of some people */
};

static void release_embedding(struct embedding_work *work) {
    free(work->block); free(work->a); free(work->r); free(work->dz); free(work->term); free(work->most);
    free(work->desired); free(work->place); free(work->twice); free(work->start); free(work->candidate);
    free(work->length); free(work->row);
    for (int which = 0; which < 2; which++) free(work->slot[which]), free(work->asked[which]);
}

/* Make the memory for so many cases at once, or fewer where they would be too large. Returns 1 if there is none. */
static int prepare_embedding(struct embedding_work *work, const struct embedding *e, int64_t cases,
                             enum purpose purpose) {
    const int64_t numbers = e->rows * e->columns, square = e->rows * e->rows, larger = numbers > square ? numbers : square;
    const int64_t units[2] = {e->people, e->relations};
    const int64_t blocks = purpose == TRAIN ? (cases + LANES - 1) / LANES : 1;
    memset(work, 0, sizeof *work);
    work->numbers = numbers;
    work->square = square;
    work->candidates = e->shared ? 0 : e->people * numbers + e->relations * square;
    work->size = (e->shared ? 1 : 2) * e->people * numbers + e->relations * square;
    work->step = (e->people + numbers) | 1; /* an even step would put neighbouring blocks into one set of the cache */
    const int64_t most = MOST_BYTES / (work->step * (int64_t)sizeof(eight));
    work->blocks = blocks <= most ? blocks : most < 2 * GROUP ? GROUP : most / (2 * GROUP) * GROUP;
    work->block = zeros(work->blocks * work->step + LANES, sizeof(eight)); /* the last tile may end later */
    work->a = zeros(GROUP * numbers, sizeof(eight));
    work->r = zeros(GROUP * square, sizeof(eight));
    work->most = zeros(GROUP, sizeof(eight));
    work->place = zeros(GROUP * LANES, sizeof(int64_t));
    work->twice = zeros(e->people * numbers, sizeof(double));
    work->start = zeros(e->people, sizeof(double));
    if (!work->block || !work->a || !work->r || !work->most || !work->place || !work->twice || !work->start) return 1;
    if (purpose == ANSWER) return 0;
    if (purpose == EVALUATE) {
        work->desired = zeros(e->people, sizeof(eight));
        return !work->desired;
    }
    work->dz = zeros(GROUP * numbers, sizeof(eight));
    work->term = zeros(larger, sizeof(eight));
    work->row = zeros((ROWS + 1) * wide(larger), sizeof(double));
    if (work->blocks < blocks) {
        work->candidate = zeros(e->people * wide(numbers), sizeof(eight));
        if (!work->candidate) return 1;
    }
    work->length = zeros(work->candidate ? e->people : ROWS, sizeof(eight));
    for (int which = 0; which < 2; which++) {
        const int64_t on = units[which] < cases ? units[which] : cases;
        work->slot[which] = zeros(units[which], sizeof(int64_t));
        work->asked[which] = zeros(on * (which ? square : numbers) + LANES, sizeof(eight));
        if (!work->slot[which] || !work->asked[which]) return 1;
    }
    return !work->dz || !work->term || !work->row || !work->length;
}

/* Begin sums over cases. With `whole`, all cases will be in memory at once. */
static void begin_embedding_sums(const struct embedding *e, struct embedding_work *work, int whole) {
    const int64_t units[2] = {e->people, e->relations};
    for (int which = 0; which < 2; which++) {
        work->slots[which] = 0;
        for (int64_t k = 0; k < units[which]; k++) work->slot[which][k] = -1;
    }
    if (whole) return;
    memset(work->candidate, 0, (size_t)(e->people * wide(work->numbers)) * sizeof(eight));
    memset(work->length, 0, (size_t)e->people * sizeof(eight));
}

/* The places of the cases of a group, from number `first` on, of `order` or of all `count` cases. Past the last one a case
   stands again, which does not count. `counts` gets 1 for a training case, else 0. Returns how many count. */
static double load_group(struct embedding_work *work, int64_t first, int64_t blocks, const double *mask,
                         const int64_t *order, int64_t count, double *counts) {
    double shown = 0;
    for (int64_t k = 0; k < blocks * LANES; k++) {
        const int64_t at = first + k < count ? first + k : first;
        work->place[k] = order ? order[at] : at;
        counts[k] = first + k >= count ? 0.0 : mask ? mask[at] : 1.0;
        shown += counts[k];
    }
    return shown;
}

/* The desired activities of the eight cases from number `first` on. */
static void load_desired(const struct embedding *e, const struct cases *cases, struct embedding_work *work,
                         int64_t first) {
    memset(work->desired, 0, (size_t)e->people * sizeof(eight));
    for (int64_t c = first; c < first + LANES && c < cases->cases; c++)
        for (int64_t a = cases->first_answer[c]; a < cases->first_answer[c + 1]; a++)
            work->desired[cases->answer[a]][c - first] = cases->desired[c];
}
