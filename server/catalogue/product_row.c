#include "server/catalogue/product_row.h"

#include "base/money.h"
#include "server/catalogue/csv_writer.h"
#include "server/catalogue/product_cell.h"

struct product_column {
    const char *name;
    const struct cell_kind *kind;
    size_t offset;     /* in struct product_row */
    const char *field; /* of the product, for violations; NULL: none is noted there */
    const char *const *choices;
    bool is_required; /* the column, not the cell */
};

static const char *const published_choices[] = {"true", "false", NULL};
static const char *const policy_choices[] = {"deny", "continue", NULL};

#define COLUMN(column_name, cell, member, product_field)                         \
    {                                                                            \
        .name = (column_name), .kind = &cell_##cell,                             \
        .offset = offsetof(struct product_row, member), .field = (product_field) \
    }

/* In the order of Shopify's export, where exports of ours begin with them. */
static const struct product_column columns[] = {
    {.name = "Handle",
     .kind = &cell_text,
     .offset = offsetof(struct product_row, handle),
     .field = "slug",
     .is_required = true},
    {.name = "Title",
     .kind = &cell_text,
     .offset = offsetof(struct product_row, title),
     .field = "name",
     .is_required = true},
    COLUMN("Body (HTML)", text_as_is, body, "description"),
    COLUMN("Vendor", text, vendor, "brand"),
    COLUMN("Type", text, type, "category"),
    COLUMN("Tags", tags, tags, "tags"),
    {.name = "Published",
     .kind = &cell_choice,
     .offset = offsetof(struct product_row, published),
     .choices = published_choices},
    /* The columns of an option keep this order: product_column_of_field counts on it. */
    COLUMN("Option1 Name", text, option_names[0], "options.name"),
    COLUMN("Option1 Value", text, option_values[0], "options.values"),
    COLUMN("Option2 Name", text, option_names[1], "options.name"),
    COLUMN("Option2 Value", text, option_values[1], "options.values"),
    COLUMN("Option3 Name", text, option_names[2], "options.name"),
    COLUMN("Option3 Value", text, option_values[2], "options.values"),
    COLUMN("Variant SKU", text, sku, "variants.sku"),
    COLUMN("Variant Grams", grams, grams, "variants.weight_grams"),
    COLUMN("Variant Inventory Tracker", text, tracker, "variants.track_stock"),
    COLUMN("Variant Inventory Qty", quantity, quantity, "variants.stock"),
    {.name = "Variant Inventory Policy",
     .kind = &cell_choice,
     .offset = offsetof(struct product_row, policy),
     .field = "variants.allow_backorder",
     .choices = policy_choices},
    {.name = "Variant Price",
     .kind = &cell_money,
     .offset = offsetof(struct product_row, price),
     .field = "variants.price",
     .is_required = true},
    COLUMN("Variant Compare At Price", money, compare_at_price, "variants.compare_at_price"),
    COLUMN("Variant Barcode", text, barcode, "variants.barcode"),
    COLUMN("Image Src", text, image_src, "images.url"),
    COLUMN("Image Position", integer, image_position, NULL),
    COLUMN("Image Alt Text", text, image_alt, "images.alt"),
    COLUMN("SEO Title", text, seo_title, "seo.title"),
    COLUMN("SEO Description", text, seo_description, "seo.description"),
    {.name = "Status",
     .kind = &cell_choice,
     .offset = offsetof(struct product_row, status),
     .field = "status",
     .choices = product_status_names},
    /* Our own. */
    COLUMN("Type Slug", text, type_slug, NULL),
    COLUMN("Currency", currency, currency, "currency"),
    COLUMN("Options", options, options, NULL),
    COLUMN("Variant Title", text, variant_title, "variants.title"),
    COLUMN("Attributes", attributes, attributes, "attributes"),
};

static const struct product_column *find_column(struct str name) {
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (str_equals_ignoring_case(name, str_of(columns[i].name))) {
            return &columns[i];
        }
    }
    return NULL;
}

/* header->count when it is not there. */
static size_t find_in_header(const struct product_header *header,
                             const struct product_column *column) {
    size_t at = 0;
    while (at < header->count && header->columns[at] != column) {
        at++;
    }
    return at;
}

static bool note_missing(const struct product_header *header,
                         struct product_import_report *report) {
    bool is_any = false;
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (columns[i].is_required && find_in_header(header, &columns[i]) == header->count) {
            product_import_report_add(report, 1, str_of(columns[i].name), "The column is missing.");
            is_any = true;
        }
    }
    return is_any;
}

bool product_header_read(struct product_header *header, const struct csv_row *csv,
                         struct product_import_report *report) {
    *header = (struct product_header){0};
    if (csv->problem != NULL) {
        product_import_report_add(report, csv->number, (struct str){0}, "%s", csv->problem);
        return false;
    }
    bool is_right = true;
    for (size_t i = 0; i < csv->cell_count; i++) {
        struct str name = str_trim(csv->cells[i]);
        const struct product_column *column = find_column(name);
        if (column != NULL && find_in_header(header, column) < header->count) {
            product_import_report_add(report, csv->number, str_of(column->name),
                                      "The column is there twice.");
            is_right = false;
        }
        if (column == NULL && !str_is_empty(name)) {
            product_import_report_ignore(report, name);
        }
        header->columns[header->count++] = column;
    }
    is_right = !note_missing(header, report) && is_right;
    header->handle_at = find_in_header(header, find_column(STR("Handle")));
    header->currency_at = find_in_header(header, find_column(STR("Currency")));
    return is_right;
}

bool product_header_has(const struct product_header *header, size_t member) {
    for (size_t i = 0; i < header->count; i++) {
        if (header->columns[i] != NULL && header->columns[i]->offset == member) {
            return true;
        }
    }
    return false;
}

static struct str cell_at(const struct csv_row *csv, size_t at) {
    struct str cell = at < csv->cell_count ? str_trim(csv->cells[at]) : (struct str){0};
    return str_is_empty(cell) ? (struct str){0} : cell;
}

struct str product_header_handle(const struct product_header *header, const struct csv_row *csv) {
    return cell_at(csv, header->handle_at);
}

struct str product_header_currency(const struct product_header *header, const struct csv_row *csv) {
    return cell_at(csv, header->currency_at);
}

static const char *read_cell(const struct product_column *column, int exponent, struct str cell,
                             struct arena *arena, struct product_row *row) {
    const struct cell_context context = {arena, exponent, column->choices};
    bool is_absent = str_is_empty(column->kind == &cell_text_as_is ? cell : str_trim(cell));
    if (is_absent) {
        return NULL;
    }
    if (!str_is_utf8(cell)) {
        return "is not UTF-8; save the file as CSV in UTF-8";
    }
    return column->kind->read(&context, csv_cell_unguarded(cell), (char *)row + column->offset);
}

void product_row_clear(struct product_row *row) {
    *row = (struct product_row){
        .quantity = INT64_ABSENT,
        .grams = INT64_ABSENT,
        .price = INT64_ABSENT,
        .compare_at_price = INT64_ABSENT,
        .image_position = INT64_ABSENT,
    };
}

bool product_row_read(struct product_row *row, const struct product_header *header,
                      const struct csv_row *csv, int exponent, struct arena *arena,
                      struct product_import_report *report) {
    product_row_clear(row);
    row->number = csv->number;
    if (csv->problem != NULL) {
        product_import_report_add(report, csv->number, (struct str){0}, "%s", csv->problem);
        return false;
    }
    bool is_right = true;
    /* Fewer cells than columns are fine: spreadsheets leave empty ones at the end out. */
    for (size_t i = 0; i < csv->cell_count; i++) {
        if (i >= header->count && !str_is_empty(csv->cells[i])) {
            product_import_report_add(report, csv->number, (struct str){0},
                                      "The row has more cells than the file has columns.");
            return false;
        }
        const struct product_column *column = i < header->count ? header->columns[i] : NULL;
        const char *complaint =
            column != NULL ? read_cell(column, exponent, csv->cells[i], arena, row) : NULL;
        if (complaint != NULL) {
            product_import_report_add(report, csv->number, str_of(column->name), "%s", complaint);
            is_right = false;
        }
    }
    return is_right;
}

void product_row_write_header(struct buf *out) {
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        csv_write_cell(out, i == 0, str_of(columns[i].name));
    }
    csv_write_row_end(out);
}

void product_row_write(const struct product_row *row, int exponent, struct buf *text,
                       struct buf *out) {
    const struct cell_context context = {.exponent = exponent};
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        buf_clear(text);
        columns[i].kind->write(&context, (const char *)row + columns[i].offset, text);
        out->overflowed = out->overflowed || buf_is_overflowed(text);
        csv_write_cell(out, i == 0, buf_str(text));
    }
    csv_write_row_end(out);
}

struct str product_column_of_field(struct str field, size_t index) {
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
