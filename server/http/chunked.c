#include "server/http/chunked.h"

#include <dlfcn.h>
#include <string.h>

#include "server/http/token.h"

#define HEX_DIGITS_MAX 8
#define EXTENSION_MAX_BYTES 100
#define TRAILER_MAX_BYTES 4096

enum state {
    STATE_SIZE = 0, /* what a zeroed decoder begins with */
    STATE_EXTENSION,
    STATE_SIZE_LF,
    STATE_DATA,
    STATE_DATA_CR,
    STATE_DATA_LF,
    STATE_TRAILER,
    STATE_TRAILER_NAME,
    STATE_TRAILER_VALUE,
    STATE_TRAILER_LF,
    STATE_END_LF,
    STATE_END,
    STATE_BAD
};

static int hex_value(char byte) {
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_text_byte(char byte) {
    return byte == '\t' || ((unsigned char)byte >= ' ' && byte != 0x7f);
}

static enum state expect(char byte, char wanted, enum state next) {
    return byte == wanted ? next : STATE_BAD;
}

static enum state read_size(struct phr_chunked_decoder *decoder, char byte) {
    int digit = hex_value(byte);
    if (digit >= 0) {
        decoder->bytes_left_in_chunk = decoder->bytes_left_in_chunk * 16 + (size_t)digit;
        return ++decoder->hex_count > HEX_DIGITS_MAX ? STATE_BAD : STATE_SIZE;
    }
    if (decoder->hex_count == 0) {
        return STATE_BAD;
    }
    decoder->hex_count = 0;
    return byte == ';' ? STATE_EXTENSION : expect(byte, '\r', STATE_SIZE_LF);
}

/* The digits have been counted; their place counts the bytes of the extension. */
static enum state read_extension(struct phr_chunked_decoder *decoder, char byte) {
    if (byte == '\r') {
        decoder->hex_count = 0;
        return STATE_SIZE_LF;
    }
    bool is_bad = !is_text_byte(byte) || ++decoder->hex_count > EXTENSION_MAX_BYTES;
    return is_bad ? STATE_BAD : STATE_EXTENSION;
}

/* No chunk is left whose length would be needed: its place counts the bytes of all trailers. */
static enum state read_trailer(struct phr_chunked_decoder *decoder, char byte) {
    if (++decoder->bytes_left_in_chunk > TRAILER_MAX_BYTES) {
        return STATE_BAD;
    }
    switch ((enum state)decoder->state) {
    case STATE_TRAILER:
        return token_has_byte(byte) ? STATE_TRAILER_NAME : expect(byte, '\r', STATE_END_LF);
    case STATE_TRAILER_NAME:
        return token_has_byte(byte) ? STATE_TRAILER_NAME : expect(byte, ':', STATE_TRAILER_VALUE);
    case STATE_TRAILER_VALUE:
        return is_text_byte(byte) ? STATE_TRAILER_VALUE : expect(byte, '\r', STATE_TRAILER_LF);
    default:
        return expect(byte, '\n', STATE_TRAILER);
    }
}

static enum state read_framing(struct phr_chunked_decoder *decoder, char byte) {
    switch ((enum state)decoder->state) {
    case STATE_SIZE:
        return read_size(decoder, byte);
    case STATE_EXTENSION:
        return read_extension(decoder, byte);
    case STATE_SIZE_LF:
        return expect(byte, '\n', decoder->bytes_left_in_chunk == 0 ? STATE_TRAILER : STATE_DATA);
    case STATE_DATA_CR:
        return expect(byte, '\r', STATE_DATA_LF);
    case STATE_DATA_LF:
        return expect(byte, '\n', STATE_SIZE);
    case STATE_END_LF:
        return expect(byte, '\n', STATE_END);
    default:
        return read_trailer(decoder, byte);
    }
}

/* Moves what there is of the chunk to the end of the data; returns how much that was. */
static size_t take_data(struct phr_chunked_decoder *decoder, char *to, const char *from,
                        size_t available) {
    size_t taken =
        available < decoder->bytes_left_in_chunk ? available : decoder->bytes_left_in_chunk;
    memmove(to, from, taken);
    decoder->bytes_left_in_chunk -= taken;
    if (decoder->bytes_left_in_chunk == 0) {
        decoder->state = STATE_DATA_CR;
    }
    return taken;
}

__attribute__((visibility("default"), used)) ssize_t
phr_decode_chunked(struct phr_chunked_decoder *decoder, char *bytes, size_t *size) {
    size_t read = 0;
    size_t written = 0;
    while (read < *size && decoder->state != STATE_END && decoder->state != STATE_BAD) {
        if (decoder->state == STATE_DATA) {
            size_t taken = take_data(decoder, bytes + written, bytes + read, *size - read);
            read += taken;
            written += taken;
            continue;
        }
        decoder->state = (char)read_framing(decoder, bytes[read++]);
    }
    size_t left = *size - read;
    *size = written;
    if (decoder->state == STATE_BAD) {
        return -1;
    }
    if (decoder->state != STATE_END) {
        return -2;
    }
    memmove(bytes + written, bytes + read, left);
    return (ssize_t)left;
}

bool chunked_is_in_use(void) {
    union {
        void *found;
        ssize_t (*function)(struct phr_chunked_decoder *, char *, size_t *);
    } first = {.found = dlsym(RTLD_DEFAULT, "phr_decode_chunked")};
    return first.function == phr_decode_chunked;
}
