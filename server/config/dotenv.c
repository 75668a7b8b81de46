#include "server/config/dotenv.h"

#include "base/buf.h"

struct reader {
    struct arena *arena;
    struct str rest;
    size_t line;
};

static bool at_end(const struct reader *reader) {
    return reader->rest.size == 0;
}

static char peek(const struct reader *reader) {
    return at_end(reader) ? '\n' : reader->rest.data[0];
}

static void skip(struct reader *reader, size_t size) {
    for (size_t i = 0; i < size && i < reader->rest.size; i++) {
        reader->line += reader->rest.data[i] == '\n' ? 1 : 0;
    }
    reader->rest = str_slice(reader->rest, size, SIZE_MAX);
}

static bool is_blank(char letter) {
    return letter == ' ' || letter == '\t';
}

static void skip_blanks(struct reader *reader) {
    while (is_blank(peek(reader)) || peek(reader) == '\r') {
        skip(reader, 1);
    }
}

static void skip_line(struct reader *reader) {
    skip(reader, str_find_byte(reader->rest, '\n') + 1);
}

static struct str take_name(struct reader *reader) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t size = 0;
    while (size < reader->rest.size &&
           memchr(letters, reader->rest.data[size], sizeof letters - 1) != NULL) {
        size++;
    }
    struct str name = str_slice(reader->rest, 0, size);
    skip(reader, size);
    return name;
}

/* Up to the end of the line or a comment. */
static struct str take_plain(struct reader *reader) {
    struct str line = str_slice(reader->rest, 0, str_find_byte(reader->rest, '\n'));
    size_t size = 0;
    while (size < line.size &&
           !(line.data[size] == '#' && size > 0 && is_blank(line.data[size - 1]))) {
        size++;
    }
    skip_line(reader);
    struct str value = str_slice(line, 0, size);
    if (str_ends_with(value, STR("\r"))) {
        value.size--;
    }
    return str_trim(value);
}

/* What stands for the letter after a backslash, or NUL. */
static char unescape(char letter) {
    static const struct {
        char letter;
        char meaning;
    } escapes[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'"', '"'}, {'\\', '\\'}};
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        if (escapes[i].letter == letter) {
            return escapes[i].meaning;
        }
    }
    return '\0';
}

/* The reader stands on the opening quote; NULL when all is well. */
static const char *take_quoted(struct reader *reader, struct str *value) {
    char quote = peek(reader);
    char *text = arena_alloc(reader->arena, reader->rest.size);
    size_t size = 0;
    skip(reader, 1);
    while (!at_end(reader) && peek(reader) != quote) {
        char letter = peek(reader);
        if (quote == '"' && letter == '\\') {
            skip(reader, 1);
            letter = unescape(peek(reader));
            if (letter == '\0') {
                return "has a backslash that is not one of \\n \\r \\t \\\" \\\\";
            }
        }
        text[size++] = letter;
        skip(reader, 1);
    }
    if (at_end(reader)) {
        return "opens a quote that is never closed";
    }
    skip(reader, 1);
    *value = (struct str){text, size};
    skip_blanks(reader);
    if (peek(reader) != '\n' && peek(reader) != '#') {
        return "goes on after the closing quote";
    }
    skip_line(reader);
    return NULL;
}

/* One line with a name; NULL when all is well, else what is wrong with it. */
static const char *take_entry(struct reader *reader, struct dotenv_entry *entry) {
    entry->line = reader->line;
    entry->name = take_name(reader);
    skip_blanks(reader);
    if (str_is_empty(entry->name) || peek(reader) != '=' || at_end(reader)) {
        return "is not NAME=value with a name of A-Z, 0-9 and _";
    }
    skip(reader, 1);
    bool blank_before = is_blank(peek(reader));
    skip_blanks(reader);
    if (peek(reader) == '"' || peek(reader) == '\'') {
        return take_quoted(reader, &entry->value);
    }
    if (peek(reader) == '#' && blank_before) {
        skip_line(reader);
        entry->value = STR("");
        return NULL;
    }
    entry->value = take_plain(reader);
    return NULL;
}

static const char *add_entry(struct dotenv *dotenv, struct arena *arena,
                             const struct dotenv_entry *entry) {
    if (dotenv_find(dotenv, entry->name) != NULL) {
        return "gives a name for the second time";
    }
    if (dotenv->count == DOTENV_ENTRIES_MAX) {
        return "is one too many";
    }
    dotenv->entries[dotenv->count++] = (struct dotenv_entry){
        .name = arena_copy(arena, entry->name),
        .value = arena_copy(arena, entry->value),
        .line = entry->line,
    };
    return NULL;
}

void dotenv_parse(struct dotenv *dotenv, struct arena *arena, struct str text,
                  struct str *problem) {
    struct reader reader = {.arena = arena, .rest = text, .line = 1};
    dotenv->count = 0;
    *problem = (struct str){0};
    /* Some editors begin a file with U+FEFF. */
    if (str_starts_with(text, STR("\xEF\xBB\xBF"))) {
        skip(&reader, 3);
    }
    while (!at_end(&reader)) {
        skip_blanks(&reader);
        if (peek(&reader) == '\n' || peek(&reader) == '#') {
            skip_line(&reader);
            continue;
        }
        struct dotenv_entry entry = {.value = STR_INIT("")};
        const char *wrong = take_entry(&reader, &entry);
        if (wrong == NULL) {
            wrong = add_entry(dotenv, arena, &entry);
        }
        if (wrong != NULL) {
            *problem = arena_printf(arena, "Line %zu %s.", entry.line, wrong);
            return;
        }
    }
}

const struct dotenv_entry *dotenv_find(const struct dotenv *dotenv, struct str name) {
    for (size_t i = 0; i < dotenv->count; i++) {
        if (str_equals(dotenv->entries[i].name, name)) {
            return &dotenv->entries[i];
        }
    }
    return NULL;
}
