/* dotenv_parse: what it read, written in double quotes again, reads the same. */
#include "base/buf.h"
#include "server/config/dotenv.h"
#include "tests/fuzz/fuzz.h"

static void append_quoted(struct buf *out, struct str value) {
    static const struct {
        char byte;
        const char *escape;
    } escapes[] = {{'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}, {'"', "\\\""}, {'\\', "\\\\"}};
    buf_append_byte(out, '"');
    for (size_t i = 0; i < value.size; i++) {
        struct str piece = str_slice(value, i, 1);
        for (size_t at = 0; at < COUNT_OF(escapes); at++) {
            if (escapes[at].byte == value.data[i]) {
                piece = str_of(escapes[at].escape);
            }
        }
        buf_append_str(out, piece);
    }
    buf_append_byte(out, '"');
}

static void check_again(const struct dotenv *dotenv, struct arena *arena) {
    struct buf out;
    buf_init(&out, 2UL * DOTENV_MAX_BYTES);
    for (size_t i = 0; i < dotenv->count; i++) {
        buf_append_str(&out, dotenv->entries[i].name);
        buf_append_byte(&out, '=');
        append_quoted(&out, dotenv->entries[i].value);
        buf_append_byte(&out, '\n');
    }
    CHECK(!buf_is_overflowed(&out));
    static struct dotenv again;
    struct str problem;
    dotenv_parse(&again, arena, buf_str(&out), &problem);
    CHECK(str_is_absent(problem) && again.count == dotenv->count);
    for (size_t i = 0; i < again.count; i++) {
        CHECK(str_equals(again.entries[i].name, dotenv->entries[i].name));
        CHECK(fuzz_is_same(again.entries[i].value, dotenv->entries[i].value));
    }
    buf_release(&out);
}

void fuzz_one(struct str input, struct arena *arena) {
    static struct dotenv dotenv;
    struct str problem;
    dotenv_parse(&dotenv, arena, str_slice(input, 0, DOTENV_MAX_BYTES), &problem);
    size_t lines = 1;
    for (size_t i = 0; i < input.size; i++) {
        lines += input.data[i] == '\n';
    }
    for (size_t i = 0; i < dotenv.count; i++) {
        const struct dotenv_entry *entry = &dotenv.entries[i];
        CHECK(entry->line >= 1 && entry->line <= lines && entry->name.size > 0);
        CHECK(i == 0 || entry->line > dotenv.entries[i - 1].line);
        CHECK(dotenv_find(&dotenv, entry->name) == entry);
    }
    CHECK(str_is_absent(problem) || fuzz_is_text(problem));
    check_again(&dotenv, arena);
}
