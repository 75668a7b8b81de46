#include "stores/product_terms.h"

/* Longer runs between '<' and '>' are text. */
#define TAG_MAX_BYTES 1000
#define ENTITY_MAX_BYTES 10

static bool is_ascii_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* The size of the tag, comment or entity that begins the text; 0: none does. */
static size_t markup_size(struct str text) {
    bool is_tag = text.size > 1 && text.data[0] == '<' &&
                  (is_ascii_letter(text.data[1]) || text.data[1] == '/' || text.data[1] == '!');
    bool is_entity = text.size > 1 && text.data[0] == '&' &&
                     (is_ascii_letter(text.data[1]) || text.data[1] == '#');
    if (!is_tag && !is_entity) {
        return 0;
    }
    struct str rest = str_slice(text, 0, is_tag ? TAG_MAX_BYTES : ENTITY_MAX_BYTES);
    size_t end = str_find_byte(rest, is_tag ? '>' : ';');
    bool is_whole = end < rest.size && (is_tag || str_find_byte(rest, ' ') > end);
    return is_whole ? end + 1 : 0;
}

/* Imported descriptions are HTML: its tags separate words and are none. */
static struct str without_markup(struct str text, struct arena *arena) {
    char *plain = arena_alloc(arena, text.size + 1);
    size_t size = 0;
    size_t at = 0;
    while (at < text.size) {
        size_t skipped = markup_size(str_slice(text, at, text.size));
        plain[size++] = skipped > 0 ? ' ' : text.data[at];
        at += skipped > 0 ? skipped : 1;
    }
    return (struct str){plain, size};
}

static void add_all(const struct str_list *terms, struct term_set *all) {
    for (size_t i = 0; i < terms->count; i++) {
        term_set_add(all, terms->items[i]);
    }
}

void product_terms_of(const struct product *product, struct arena *arena,
                      struct product_terms *terms) {
    struct term_set name;
    struct term_set label;
    struct term_set all;
    term_set_init(&name, arena, PRODUCT_NAME_TERMS_MAX);
    term_set_init(&label, arena, PRODUCT_LABEL_TERMS_MAX);
    term_set_init(&all, arena, PRODUCT_TERMS_MAX);
    term_split(product->name, &name);
    term_split(product->brand, &label);
    for (size_t i = 0; i < product->tags.count; i++) {
        term_split(product->tags.items[i], &label);
    }
    for (size_t i = 0; i < product->variants.count; i++) {
        term_split(product->variants.items[i].sku, &label);
    }
    terms->name = term_set_list(&name);
    terms->label = term_set_list(&label);
    add_all(&terms->name, &all);
    add_all(&terms->label, &all);
    term_split(without_markup(product->description, arena), &all);
    terms->all = term_set_list(&all);
}
