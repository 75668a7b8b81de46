/*
 * dotenv: the lines of a .env file.
 *
 * NAME=value, one a line. Names are of A-Z, 0-9 and '_' and stand once. Blanks around the name and
 * the value do not count. '#' begins a comment at the start of a line or after a blank. 'value' is
 * taken as it is; "value" knows \n \r \t \" and \\; both may span lines. Nothing is expanded.
 */
#ifndef AIZY_SERVER_CONFIG_DOTENV_H
#define AIZY_SERVER_CONFIG_DOTENV_H

#include "base/arena.h"
#include "base/str.h"

#define DOTENV_ENTRIES_MAX 256
#define DOTENV_MAX_BYTES (256 * 1024)

struct dotenv_entry {
    struct str name;
    struct str value; /* never absent */
    size_t line;      /* from 1 */
};

struct dotenv {
    struct dotenv_entry entries[DOTENV_ENTRIES_MAX];
    size_t count;
};

/*
 * Reads as far as the text is right. `problem` is absent when that is to its end, else a sentence
 * that names the line and never a value. Entries are in the arena.
 */
void dotenv_parse(struct dotenv *dotenv, struct arena *arena, struct str text, struct str *problem);

/* NULL when there is none. */
const struct dotenv_entry *dotenv_find(const struct dotenv *dotenv, struct str name);

#endif
