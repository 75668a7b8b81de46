#include "server/catalogue/product_import_row.h"

#include "base/money.h"

/* What a reader needs beyond the cell. */
struct cell_reading {
    struct arena *arena;
    int exponent;
};

/* Fills `target` from a cell that is not empty. NULL, or what is wrong: "must be ...". */
typedef const char *cell_reader(const struct cell_reading *reading, struct str cell, void *target);

struct import_column {
    const char *name;
    cell_reader *read;
    size_t offset;     /* in struct import_row */
    const char *field; /* of the product, for violations; NULL: none is noted there */
    bool is_required;  /* the column, not the cell */
};

static const char *read_text(const struct cell_reading *reading, struct str cell, void *target) {
    *(struct str *)target = arena_copy(reading->arena, str_trim(cell));
    return NULL;
}

static const char *read_text_as_is(const struct cell_reading *reading, struct str cell,
                                   void *target) {
    *(struct str *)target = arena_copy(reading->arena, cell);
    return NULL;
}

static const char *read_integer(const struct cell_reading *reading, struct str cell, void *target) {
    (void)reading;
    bool is_integer = str_to_int64(str_trim(cell), target) && *(int64_t *)target != INT64_ABSENT;
    return is_integer ? NULL : "must be a whole number";
}

/* What was sold below zero is not on hand. */
static const char *read_quantity(const struct cell_reading *reading, struct str cell,
                                 void *target) {
    const char *complaint = read_integer(reading, cell, target);
    int64_t *quantity = target;
    if (complaint == NULL && *quantity < 0) {
        *quantity = 0;
    }
    return complaint;
}

/* Weights come from other units and have a fraction then; half a gram more or less is nothing. */
static const char *read_grams(const struct cell_reading *reading, struct str cell, void *target) {
    static const char complaint[] = "must be a number of grams";
    struct str text = str_trim(cell);
    size_t point = str_find_byte(text, '.');
    struct str fraction = str_slice(text, point + 1, text.size);
    for (size_t i = 0; i < fraction.size; i++) {
        if (fraction.data[i] < '0' || fraction.data[i] > '9') {
            return complaint;
        }
    }
    if (read_integer(reading, str_slice(text, 0, point), target) != NULL) {
        return complaint;
    }
    int64_t *grams = target;
    bool is_rounded_up = fraction.size > 0 && fraction.data[0] >= '5' && *grams < INT64_MAX;
    *grams += is_rounded_up ? 1 : 0;
    return NULL;
}

static const char *read_money(const struct cell_reading *reading, struct str cell, void *target) {
    return money_parse(str_trim(cell), reading->exponent, target)
               ? NULL
               : "must be an amount such as 19.99, with no more decimals than the currency has";
}

static const char *read_published(const struct cell_reading *reading, struct str cell,
                                  void *target) {
    (void)reading;
    struct str text = str_trim(cell);
    bool is_false = str_equals_ignoring_case(text, STR("false"));
    *(bool *)target = is_false;
    return is_false || str_equals_ignoring_case(text, STR("true")) ? NULL : "must be true or false";
}

static const char *read_policy(const struct cell_reading *reading, struct str cell, void *target) {
    (void)reading;
    struct str text = str_trim(cell);
    bool goes_on = str_equals_ignoring_case(text, STR("continue"));
    *(bool *)target = goes_on;
    return goes_on || str_equals_ignoring_case(text, STR("deny")) ? NULL
                                                                  : "must be deny or continue";
}

static const char *read_status(const struct cell_reading *reading, struct str cell, void *target) {
    (void)reading;
    for (size_t i = 0; product_status_names[i] != NULL; i++) {
        struct str name = str_of(product_status_names[i]);
        if (str_equals_ignoring_case(str_trim(cell), name)) {
            *(struct str *)target = name;
            return NULL;
        }
    }
    return "must be active, draft or archived";
}

#define ROW(member) offsetof(struct import_row, member)

static const struct import_column columns[] = {
    {"Handle", read_text, ROW(handle), "slug", true},
    {"Title", read_text, ROW(title), "name", true},
    {"Body (HTML)", read_text_as_is, ROW(body), "description", false},
    {"Vendor", read_text, ROW(vendor), "brand", false},
    {"Type", read_text, ROW(type), "category", false},
    {"Tags", read_text, ROW(tags), "tags", false},
    {"Published", read_published, ROW(is_hidden), NULL, false},
    {"Status", read_status, ROW(status), "status", false},
    /* Each option's two columns keep this order: import_column_of_field counts on it. */
    {"Option1 Name", read_text, ROW(option_names[0]), "options.name", false},
    {"Option2 Name", read_text, ROW(option_names[1]), "options.name", false},
    {"Option3 Name", read_text, ROW(option_names[2]), "options.name", false},
    {"Option1 Value", read_text, ROW(option_values[0]), "options.values", false},
    {"Option2 Value", read_text, ROW(option_values[1]), "options.values", false},
    {"Option3 Value", read_text, ROW(option_values[2]), "options.values", false},
    {"Variant SKU", read_text, ROW(sku), "variants.sku", false},
    {"Variant Grams", read_grams, ROW(grams), "variants.weight_grams", false},
    {"Variant Inventory Tracker", read_text, ROW(tracker), "variants.track_stock", false},
    {"Variant Inventory Qty", read_quantity, ROW(quantity), "variants.stock", false},
    {"Variant Inventory Policy", read_policy, ROW(allow_backorder), "variants.allow_backorder",
     false},
    {"Variant Price", read_money, ROW(price), "variants.price", true},
    {"Variant Compare At Price", read_money, ROW(compare_at_price), "variants.compare_at_price",
     false},
    {"Variant Barcode", read_text, ROW(barcode), "variants.barcode", false},
    {"Image Src", read_text, ROW(image_src), "images.url", false},
    {"Image Position", read_integer, ROW(image_position), NULL, false},
    {"Image Alt Text", read_text, ROW(image_alt), "images.alt", false},
    {"SEO Title", read_text, ROW(seo_title), "seo.title", false},
    {"SEO Description", read_text, ROW(seo_description), "seo.description", false},
};

static const struct import_column *find_column(struct str name) {
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (str_equals_ignoring_case(name, str_of(columns[i].name))) {
            return &columns[i];
        }
    }
    return NULL;
}

/* header->count when it is not there. */
static size_t find_in_header(const struct import_header *header,
                             const struct import_column *column) {
    size_t at = 0;
    while (at < header->count && header->columns[at] != column) {
        at++;
    }
    return at;
}

bool import_header_read(struct import_header *header, const struct csv_row *csv,
                        struct product_import_report *report) {
    *header = (struct import_header){0};
    if (csv->problem != NULL) {
        product_import_report_add(report, csv->number, (struct str){0}, "%s", csv->problem);
        return false;
    }
    bool is_right = true;
    for (size_t i = 0; i < csv->cell_count; i++) {
        const struct import_column *column = find_column(str_trim(csv->cells[i]));
        if (column != NULL && find_in_header(header, column) < header->count) {
            product_import_report_add(report, csv->number, str_of(column->name),
                                      "The column is there twice.");
            is_right = false;
        }
        header->columns[header->count++] = column;
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (columns[i].is_required && find_in_header(header, &columns[i]) == header->count) {
            product_import_report_add(report, csv->number, str_of(columns[i].name),
                                      "The column is missing.");
            is_right = false;
        }
    }
    header->handle_at = find_in_header(header, &columns[0]);
    return is_right;
}

struct str import_header_handle(const struct import_header *header, const struct csv_row *csv) {
    if (header->handle_at >= csv->cell_count) {
        return (struct str){0};
    }
    struct str handle = str_trim(csv->cells[header->handle_at]);
    return str_is_empty(handle) ? (struct str){0} : handle;
}

/* Without the apostrophe that keeps spreadsheets from taking a text for a formula. */
static struct str without_guard(struct str cell) {
    size_t apostrophes = 0;
    while (apostrophes < cell.size && cell.data[apostrophes] == '\'') {
        apostrophes++;
    }
    bool is_guarded = apostrophes > 0 && apostrophes < cell.size &&
                      memchr("=+-@\t\r", cell.data[apostrophes], 6) != NULL;
    return is_guarded ? str_slice(cell, 1, cell.size) : cell;
}

static const char *read_cell(const struct import_column *column, const struct cell_reading *reading,
                             struct str cell, struct import_row *row) {
    if (str_is_empty(str_trim(cell))) {
        return NULL;
    }
    if (!str_is_utf8(cell)) {
        return "is not UTF-8; save the file as CSV in UTF-8";
    }
    return column->read(reading, without_guard(cell), (char *)row + column->offset);
}

bool import_row_read(struct import_row *row, const struct import_header *header,
                     const struct csv_row *csv, int exponent, struct arena *arena,
                     struct product_import_report *report) {
    *row = (struct import_row){
        .number = csv->number,
        .quantity = INT64_ABSENT,
        .grams = INT64_ABSENT,
        .price = INT64_ABSENT,
        .compare_at_price = INT64_ABSENT,
        .image_position = INT64_ABSENT,
    };
    if (csv->problem != NULL) {
        product_import_report_add(report, csv->number, (struct str){0}, "%s", csv->problem);
        return false;
    }
    bool is_right = true;
    const struct cell_reading reading = {arena, exponent};
    /* Fewer cells than columns are fine: spreadsheets leave empty ones at the end out. */
    for (size_t i = 0; i < csv->cell_count; i++) {
        if (i >= header->count && !str_is_empty(csv->cells[i])) {
            product_import_report_add(report, csv->number, (struct str){0},
                                      "The row has more cells than the file has columns.");
            return false;
        }
        const struct import_column *column = i < header->count ? header->columns[i] : NULL;
        const char *complaint =
            column != NULL ? read_cell(column, &reading, csv->cells[i], row) : NULL;
        if (complaint != NULL) {
            product_import_report_add(report, csv->number, str_of(column->name), "%s", complaint);
            is_right = false;
        }
    }
    return is_right;
}

struct str import_column_of_field(struct str field, size_t index) {
    size_t nth = str_starts_with(field, STR("options.")) ? index : 0;
    struct str wanted = str_equals(field, STR("variants.options")) ? STR("options.values") : field;
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (columns[i].field != NULL && str_equals(str_of(columns[i].field), wanted) &&
            nth-- == 0) {
            return str_of(columns[i].name);
        }
    }
    return (struct str){0};
}
