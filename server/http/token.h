/*
 * token: the bytes that names of headers and methods are made of (RFC 9110, 5.6.2).
 */
#ifndef AIZY_SERVER_HTTP_TOKEN_H
#define AIZY_SERVER_HTTP_TOKEN_H

#include <stdbool.h>
#include <string.h>

static inline bool token_has_letter_or_digit(char byte) {
    char lower = (char)(byte | 0x20);
    return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z');
}

static inline bool token_has_byte(char byte) {
    return token_has_letter_or_digit(byte) ||
           (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

#endif
