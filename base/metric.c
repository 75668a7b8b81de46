#include "base/metric.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lock.h"

/* Threads share a shard only where there are more of them; what they add there stays exact. */
#define SHARD_COUNT 8
#define CACHE_LINE_BYTES 64
#define CELLS_PER_LINE (CACHE_LINE_BYTES / sizeof(atomic_int_fast64_t))

/* Cells of a histogram: its buckets, then the sum of the values. */
#define CELL_SUM METRIC_BUCKETS

/* For all rows together; at most three quarters are taken, so that a search ends soon. */
#define SLOT_COUNT 4096
#define SLOTS_USED_MAX (SLOT_COUNT / 4 * 3)

struct series {
    struct metric_labels labels;
    struct series *_Atomic next; /* of the same row, in order of first use */
    size_t width;                /* cells of a shard, whole lines of the cache */
    atomic_int_fast64_t *cells;  /* SHARD_COUNT * width */
};

/* Where a series is found by the addresses of its label values. Never taken back. */
struct slot {
    struct series *_Atomic series; /* set last: whoever sees it may read the rest */
    enum metric metric;
    struct metric_labels labels;
};

static struct slot slots[SLOT_COUNT];

/* The text of the same word may have several addresses, and then several slots, but one series. */
static struct {
    struct lock lock; /* guards whatever is made */
    size_t slots_used;
    size_t series_counts[METRIC_COUNT];
    struct series *_Atomic first[METRIC_COUNT];
    struct series *last[METRIC_COUNT];
} registry = {.lock = {PTHREAD_MUTEX_INITIALIZER}};

enum kind { COUNTER, GAUGE, HISTOGRAM };
enum unit { COUNT, MICROSECONDS };

static const struct row {
    enum kind kind;
    enum unit unit;
    const char *name;
    const char *labels;
    const char *help;
} rows[METRIC_COUNT] = {
#define METRIC(id, kind, unit, name, labels, help) [METRIC_##id] = {kind, unit, name, labels, help},
#include "base/metrics.def"
#undef METRIC
};

static size_t shard_of_thread(void) {
    static atomic_size_t threads;
    static _Thread_local size_t shard = SIZE_MAX;
    if (shard == SIZE_MAX) {
        shard = atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) % SHARD_COUNT;
    }
    return shard;
}

static bool labels_are_same(const struct metric_labels *one, const struct metric_labels *other) {
    return one->values[0] == other->values[0] && one->values[1] == other->values[1] &&
           one->values[2] == other->values[2];
}

static bool labels_read_same(const struct metric_labels *one, const struct metric_labels *other) {
    for (size_t i = 0; i < METRIC_LABELS_MAX; i++) {
        const char *value = one->values[i];
        if (value == NULL || other->values[i] == NULL) {
            return value == other->values[i];
        }
        if (strcmp(value, other->values[i]) != 0) {
            return false;
        }
    }
    return true;
}

static size_t place_of(enum metric metric, const struct metric_labels *labels) {
    uint64_t hash = (uint64_t)metric;
    for (size_t i = 0; i < METRIC_LABELS_MAX; i++) {
        hash = (hash ^ (uint64_t)(uintptr_t)labels->values[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return (size_t)(hash % SLOT_COUNT);
}

static struct series *series_new(enum metric metric, const struct metric_labels *labels) {
    size_t cell_count = rows[metric].kind == HISTOGRAM ? METRIC_BUCKETS + 1 : 1;
    struct series *series = calloc(1, sizeof *series);
    CHECK(series != NULL && "out of memory");
    series->labels = *labels;
    series->width = (cell_count + CELLS_PER_LINE - 1) / CELLS_PER_LINE * CELLS_PER_LINE;
    size_t bytes = SHARD_COUNT * series->width * sizeof *series->cells;
    series->cells = aligned_alloc(CACHE_LINE_BYTES, bytes);
    CHECK(series->cells != NULL && "out of memory");
    for (size_t i = 0; i < SHARD_COUNT * series->width; i++) {
        atomic_init(&series->cells[i], 0);
    }
    if (registry.last[metric] == NULL) {
        atomic_store(&registry.first[metric], series);
    } else {
        atomic_store(&registry.last[metric]->next, series);
    }
    registry.last[metric] = series;
    registry.series_counts[metric]++;
    return series;
}

static struct series *series_with_text(enum metric metric, const struct metric_labels *labels) {
    struct series *series = atomic_load(&registry.first[metric]);
    while (series != NULL && !labels_read_same(&series->labels, labels)) {
        series = atomic_load(&series->next);
    }
    return series;
}

/* Of a row that is full. */
static struct series *series_of_others(enum metric metric, const struct metric_labels *labels) {
    struct metric_labels others = {{NULL}};
    for (size_t i = 0; i < METRIC_LABELS_MAX; i++) {
        others.values[i] = labels->values[i] == NULL ? NULL : "other";
    }
    struct series *series = series_with_text(metric, &others);
    return series != NULL ? series : series_new(metric, &others);
}

/* With the lock held. A slot that another thread has just made is found again, not made twice. */
static struct series *series_register(enum metric metric, const struct metric_labels *labels) {
    struct series *series = series_with_text(metric, labels);
    if (series == NULL) {
        bool is_full = registry.series_counts[metric] >= METRIC_SERIES_MAX;
        series = is_full ? series_of_others(metric, labels) : series_new(metric, labels);
    }
    size_t place = place_of(metric, labels);
    while (atomic_load(&slots[place].series) != NULL) {
        if (slots[place].metric == metric && labels_are_same(&slots[place].labels, labels)) {
            return series;
        }
        place = (place + 1) % SLOT_COUNT;
    }
    if (registry.slots_used < SLOTS_USED_MAX) {
        registry.slots_used++;
        slots[place].metric = metric;
        slots[place].labels = *labels;
        atomic_store_explicit(&slots[place].series, series, memory_order_release);
    }
    return series;
}

static struct series *series_find(enum metric metric, const struct metric_labels *labels) {
    for (size_t place = place_of(metric, labels);; place = (place + 1) % SLOT_COUNT) {
        struct slot *slot = &slots[place];
        struct series *series = atomic_load_explicit(&slot->series, memory_order_acquire);
        if (series == NULL) {
            break;
        }
        if (slot->metric == metric && labels_are_same(&slot->labels, labels)) {
            return series;
        }
    }
    lock_acquire(&registry.lock);
    struct series *made = series_register(metric, labels);
    lock_give(&registry.lock);
    return made;
}

static void cell_add(struct series *series, size_t cell, int64_t amount) {
    atomic_int_fast64_t *cells = series->cells + shard_of_thread() * series->width;
    (void)atomic_fetch_add_explicit(&cells[cell], amount, memory_order_relaxed);
}

static int64_t cell_sum(const struct series *series, size_t cell) {
    int64_t sum = 0;
    for (size_t i = 0; i < SHARD_COUNT; i++) {
        sum += atomic_load_explicit(&series->cells[i * series->width + cell], memory_order_relaxed);
    }
    return sum;
}

void metric_add(enum metric metric, struct metric_labels labels, int64_t amount) {
    CHECK(rows[metric].kind == GAUGE || (rows[metric].kind == COUNTER && amount >= 0));
    cell_add(series_find(metric, &labels), 0, amount);
}

void metric_set(enum metric metric, struct metric_labels labels, int64_t value) {
    CHECK(rows[metric].kind == GAUGE);
    atomic_store_explicit(&series_find(metric, &labels)->cells[0], value, memory_order_relaxed);
}

void metric_raise(enum metric metric, struct metric_labels labels, int64_t value) {
    CHECK(rows[metric].kind == COUNTER);
    atomic_int_fast64_t *cell = &series_find(metric, &labels)->cells[0];
    int_fast64_t seen = atomic_load_explicit(cell, memory_order_relaxed);
    while (seen < value && !atomic_compare_exchange_weak_explicit(
                               cell, &seen, value, memory_order_relaxed, memory_order_relaxed)) {}
}

/* The first bucket whose bound is not below the value. */
static size_t bucket_of(int64_t value) {
    if (value <= 1 << METRIC_BOUND_FIRST) {
        return 0;
    }
    size_t bits = 64 - (size_t)__builtin_clzll((unsigned long long)value - 1);
    return bits > METRIC_BOUND_LAST ? METRIC_BUCKETS - 1 : bits - METRIC_BOUND_FIRST;
}

void metric_observe(enum metric metric, struct metric_labels labels, int64_t value) {
    CHECK(rows[metric].kind == HISTOGRAM);
    struct series *series = series_find(metric, &labels);
    int64_t counted = value < 0 ? 0 : value;
    cell_add(series, bucket_of(counted), 1);
    cell_add(series, CELL_SUM, counted);
}

int64_t metric_value(enum metric metric, struct metric_labels labels) {
    const struct series *series = series_with_text(metric, &labels);
    size_t cells = rows[metric].kind == HISTOGRAM ? METRIC_BUCKETS : 1;
    int64_t value = 0;
    for (size_t i = 0; series != NULL && i < cells; i++) {
        value += cell_sum(series, i);
    }
    return value;
}

static void write_label_value(struct buf *text, const char *value) {
    for (; *value != '\0'; value++) {
        if (*value == '\\' || *value == '"') {
            buf_append_byte(text, '\\');
        }
        buf_append_byte(text, *value == '\n' ? ' ' : *value);
    }
}

/* {a="x",b="y"}; `bound` is a histogram's "le", or NULL. */
static void write_labels(struct buf *text, enum metric metric, const struct series *series,
                         const char *bound) {
    struct str rest = str_of(rows[metric].labels);
    struct str name;
    char opening = '{';
    for (size_t i = 0; str_next(&rest, ',', &name); i++) {
        CHECK(i < METRIC_LABELS_MAX && series->labels.values[i] != NULL);
        buf_append_byte(text, opening);
        buf_append_str(text, name);
        buf_append_str(text, STR("=\""));
        write_label_value(text, series->labels.values[i]);
        buf_append_byte(text, '"');
        opening = ',';
    }
    if (bound != NULL) {
        buf_printf(text, "%cle=\"%s\"", opening, bound);
        opening = ',';
    }
    if (opening == ',') {
        buf_append_byte(text, '}');
    }
}

static void write_value(struct buf *text, enum unit unit, int64_t value) {
    buf_append_byte(text, ' ');
    if (unit == COUNT) {
        buf_append_int64(text, value);
    } else {
        buf_printf(text, "%lld.%06lld", (long long)value / 1000000, (long long)value % 1000000);
    }
    buf_append_byte(text, '\n');
}

static void write_histogram(struct buf *text, enum metric metric, const struct series *series) {
    const struct row *row = &rows[metric];
    int64_t count = 0;
    for (size_t i = 0; i < METRIC_BUCKETS; i++) {
        char bound[32] = "+Inf";
        if (i + 1 < METRIC_BUCKETS) {
            const double units = row->unit == MICROSECONDS ? 1e6 : 1;
            (void)snprintf(bound, sizeof bound, "%.9g",
                           (double)(INT64_C(1) << (METRIC_BOUND_FIRST + i)) / units);
        }
        count += cell_sum(series, i);
        buf_printf(text, "%s_bucket", row->name);
        write_labels(text, metric, series, bound);
        write_value(text, COUNT, count);
    }
    buf_printf(text, "%s_sum", row->name);
    write_labels(text, metric, series, NULL);
    write_value(text, row->unit, cell_sum(series, CELL_SUM));
    buf_printf(text, "%s_count", row->name);
    write_labels(text, metric, series, NULL);
    write_value(text, COUNT, count);
}

static void write_row(struct buf *text, enum metric metric) {
    static const char *const kind_names[] = {
        [COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"};
    const struct row *row = &rows[metric];
    buf_printf(text, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
               kind_names[row->kind]);
    /* A row without labels shows its 0 from the start, so that a first step is seen as one. */
    if (row->labels[0] == '\0') {
        (void)series_find(metric, &METRIC_NO_LABELS);
    }
    const struct series *series = atomic_load(&registry.first[metric]);
    for (; series != NULL; series = atomic_load(&series->next)) {
        if (row->kind == HISTOGRAM) {
            write_histogram(text, metric, series);
            continue;
        }
        buf_append_str(text, str_of(row->name));
        write_labels(text, metric, series, NULL);
        write_value(text, row->unit, cell_sum(series, 0));
    }
}

void metric_write_text(struct buf *text) {
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        write_row(text, metric);
    }
}
