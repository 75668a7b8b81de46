#include "server/config/secret_check.h"

/* A secret made of such words alone was copied, not made. Lower-case letters only. */
static const char *const known_words[] = {
    "a",
    "access",
    "admin",
    "aizy",
    "an",
    "and",
    "api",
    "app",
    "at",
    "auth",
    "be",
    "bit",
    "bits",
    "bytes",
    "change",
    "changed",
    "changeit",
    "changeme",
    "characters",
    "chars",
    "default",
    "demo",
    "dev",
    "develop",
    "do",
    "dummy",
    "env",
    "example",
    "fake",
    "fallback",
    "foo",
    "bar",
    "baz",
    "for",
    "generate",
    "generated",
    "here",
    "hs",
    "hunter",
    "in",
    "insecure",
    "insert",
    "is",
    "it",
    "json",
    "jwt",
    "jsonwebtoken",
    "key",
    "keyboardcat",
    "keep",
    "least",
    "letmein",
    "local",
    "long",
    "longer",
    "me",
    "minimum",
    "must",
    "my",
    "no",
    "node",
    "not",
    "of",
    "only",
    "or",
    "password",
    "passw",
    "phrase",
    "placeholder",
    "please",
    "private",
    "prod",
    "production",
    "qwerty",
    "qwertyuiop",
    "asdf",
    "asdfghjkl",
    "zxcvbnm",
    "random",
    "real",
    "replace",
    "safe",
    "sample",
    "secret",
    "secretkey",
    "secure",
    "server",
    "set",
    "sha",
    "should",
    "sign",
    "signing",
    "some",
    "string",
    "strong",
    "super",
    "supersecret",
    "test",
    "testing",
    "than",
    "that",
    "the",
    "this",
    "to",
    "todo",
    "token",
    "tutorial",
    "unsafe",
    "use",
    "value",
    "very",
    "with",
    "xxx",
    "you",
    "your",
    "development",
    "abc",
    "abcd",
    "abcdef",
    "abcdefgh",
    "abcdefghijklmnopqrstuvwxyz",
    "psswrd",
    "passwrd",
    "scrt",
    "pwd",
    "pass",
};

/* Random bytes have far more: 32 hexadecimal digits about fourteen. */
#define SECRET_MIN_DIFFERENT 8

/* As many equal letters at the end are padding. */
#define SECRET_PADDING_LETTERS 4

static size_t count_different(struct str text) {
    bool seen[256] = {false};
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool *mark = &seen[(unsigned char)text.data[i]];
        count += *mark ? 0 : 1;
        *mark = true;
    }
    return count;
}

/*
 * The letters in lower case, without a run of equal ones at the end. Bytes beyond ASCII stay, so
 * that random bytes of which few happen to be letters are no word.
 */
static struct str reduce(struct str secret, char letters[static SECRET_MAX_BYTES]) {
    size_t size = 0;
    for (size_t i = 0; i < secret.size; i++) {
        char lower = (char)(secret.data[i] | 0x20);
        if ((lower >= 'a' && lower <= 'z') || (unsigned char)lower >= 0x80) {
            letters[size++] = lower;
        }
    }
    size_t kept = size;
    while (kept > 0 && letters[kept - 1] == letters[size - 1]) {
        kept--;
    }
    bool padded = size - kept >= SECRET_PADDING_LETTERS;
    return (struct str){letters, padded ? kept : size};
}

/* Whether `rest` begins with the word, or is a beginning of it: secrets are cut to a length too. */
static bool begins_with_word(struct str rest, struct str word) {
    return str_starts_with(rest, word) || str_starts_with(word, rest);
}

static bool consists_of_known_words(struct str text) {
    /* reachable[i]: the first i letters are a row of known words. */
    bool reachable[SECRET_MAX_BYTES + 1] = {[0] = true};
    for (size_t at = 0; at < text.size; at++) {
        if (!reachable[at]) {
            continue;
        }
        struct str rest = str_slice(text, at, SIZE_MAX);
        for (size_t i = 0; i < COUNT_OF(known_words); i++) {
            struct str word = str_of(known_words[i]);
            if (begins_with_word(rest, word)) {
                reachable[word.size < rest.size ? at + word.size : text.size] = true;
            }
        }
    }
    return reachable[text.size];
}

const char *secret_problem(struct str secret, size_t min_bytes) {
    if (secret.size < min_bytes) {
        return "is too short";
    }
    if (secret.size > SECRET_MAX_BYTES) {
        return "is too long";
    }
    char letters[SECRET_MAX_BYTES];
    if (consists_of_known_words(reduce(secret, letters))) {
        return "is a known default";
    }
    return count_different(secret) < SECRET_MIN_DIFFERENT ? "repeats too few characters" : NULL;
}
