#include <inttypes.h>

#include "server/config/config.h"
#include "server/config/setting.h"

#define EXAMPLE_LINE_MAX 98

static const char introduction[] =
    "# What aizy is told at its start. Copy this file to .env, fill in what is required and take "
    "the\n"
    "# '#' away from what you change. A variable of the environment wins over .env; one that is\n"
    "# empty counts as not set. Put a value with '#', quotes or blanks at its ends in single "
    "quotes.\n";

/* A comment in lines of at most EXAMPLE_LINE_MAX characters. */
static void print_comment(FILE *out, struct str text) {
    size_t column = 1;
    struct str word;
    (void)fputc('#', out);
    while (str_next(&text, ' ', &word)) {
        if (column + 1 + word.size > EXAMPLE_LINE_MAX) {
            (void)fputs("\n#", out);
            column = 1;
        }
        (void)fprintf(out, " %.*s", STR_ARG(word));
        column += 1 + word.size;
    }
    (void)fputc('\n', out);
}

static void print_text(FILE *out, const struct setting *setting) {
    print_comment(out, str_of(setting->help));
    (void)fprintf(out, "%s%s=%s\n", setting->required ? "" : "#", setting->name,
                  setting->default_text == NULL ? "" : setting->default_text);
}

static void print_number(FILE *out, const struct setting *setting) {
    char help[512];
    (void)snprintf(help, sizeof help, "%s (%" PRId64 " to %" PRId64 ")", setting->help,
                   setting->min, setting->max);
    print_comment(out, str_of(help));
    (void)fprintf(out, "#%s=%" PRId64 "\n", setting->name, setting->default_number);
}

void config_print_example(FILE *out) {
    (void)fputs(introduction, out);
    for (size_t i = 0; i < setting_count; i++) {
        (void)fputc('\n', out);
        switch (settings[i].kind) {
        case SETTING_KIND_GROUP:
            (void)fprintf(out, "## %s\n", settings[i].name);
            break;
        case SETTING_KIND_STR:
            print_text(out, &settings[i]);
            break;
        case SETTING_KIND_INT:
            print_number(out, &settings[i]);
            break;
        }
    }
}
