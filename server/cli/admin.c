#include "server/api/auth/address.h"
#include "server/api/format.h"
#include "server/cli/command.h"
#include "server/cli/context.h"
#include "server/cli/random_password.h"
#include "server/security/password.h"
#include "stores/user_store.h"

#define ADMIN_ROLE "admin"

struct admin_report {
    struct str email;
    struct str password; /* absent: it was not made here */
    bool created;
};

static const struct field report_fields[] = {
    {.name = "email", .type = FIELD_STR, .offset = offsetof(struct admin_report, email)},
    {.name = "password",
     .type = FIELD_STR,
     .offset = offsetof(struct admin_report, password),
     .is_nullable = true},
    {.name = "created", .type = FIELD_BOOL, .offset = offsetof(struct admin_report, created)},
};
static const struct schema report_schema =
    SCHEMA("Administrator", struct admin_report, report_fields);

static void print_report(const struct admin_report *report, bool as_json) {
    if (as_json) {
        context_print_json(&report_schema, report);
        return;
    }
    (void)printf("email: %.*s\n", STR_ARG(report->email));
    if (!str_is_absent(report->password)) {
        (void)printf("password: %.*s\n", STR_ARG(report->password));
    }
}

/* The address as people log in with it; absent, and said so, when it is none. */
static struct str login_address(struct context *context, struct str text) {
    if (!format_email_is_valid(text)) {
        context_problem("%.*s is not an e-mail address.", STR_ARG(str_slice(text, 0, 254)));
        return (struct str){0};
    }
    return address_normalise_email(text, &context->arena);
}

/* FAULT_NOT_FOUND when nobody logs in with this address. */
static struct fault find_user(struct context *context, struct str email, struct user *user) {
    struct user_credentials credentials = {0};
    TRY(user_store_find_credentials(context->mysql, &context->arena, email, &credentials));
    return user_store_find(context->mysql, &context->arena, credentials.user_id, user);
}

static bool is_administrator(const struct user *user) {
    return str_equals(user->role, STR(ADMIN_ROLE));
}

static bool password_is_usable(struct str password) {
    if (!str_is_utf8(password) || str_utf8_length(password) < PASSWORD_MIN_CHARACTERS ||
        password.size > PASSWORD_MAX_BYTES) {
        context_problem("ADMIN_PASSWORD must have at least %d characters and at most %d bytes.",
                        PASSWORD_MIN_CHARACTERS, PASSWORD_MAX_BYTES);
        return false;
    }
    return true;
}

static struct fault make_administrator(struct context *context, struct str email,
                                       struct str password) {
    struct user_registration registration = {
        .login_email = email,
        .email = email,
        .role = ADMIN_ROLE,
    };
    TRY(password_hash(&context->arena, password, &registration.password_hash));
    struct actor command_line = {0};
    struct user user;
    int64_t no_session = 0;
    return user_store_register(context->mysql, &context->arena, &registration, NULL, &command_line,
                               &user, &no_session);
}

/* Of an address that has an account already. */
static enum command_result report_existing(const struct user *user, struct str email,
                                           bool as_json) {
    if (!is_administrator(user)) {
        context_problem("%.*s has an account with the role %.*s; it is not made an administrator "
                        "here. Choose another address.",
                        STR_ARG(email), STR_ARG(user->role));
        return COMMAND_FAILED;
    }
    struct admin_report report = {.email = email};
    print_report(&report, as_json);
    return COMMAND_DONE;
}

static enum command_result create_account(struct context *context, struct str email,
                                          struct str given_password, bool as_json) {
    bool is_random = str_is_absent(given_password);
    struct str password = is_random ? random_password(&context->arena) : given_password;
    struct fault fault = make_administrator(context, email, password);
    if (fault_is(fault, FAULT_EMAIL_TAKEN)) {
        context_problem("%.*s was given an account by somebody else just now.", STR_ARG(email));
        return COMMAND_FAILED;
    }
    if (fault_occurred(fault)) {
        context_fault("MySQL", fault);
        return COMMAND_FAILED;
    }
    struct admin_report report = {
        .email = email, .password = is_random ? password : (struct str){0}, .created = true};
    print_report(&report, as_json);
    return COMMAND_DONE;
}

static enum command_result create(struct context *context, const char *email_option, bool as_json) {
    if (!context_open(context) || !context_open_mysql(context, 0)) {
        return COMMAND_MISUSED;
    }
    const struct config *config = &context->config;
    if (email_option == NULL && str_is_absent(config->admin_email)) {
        context_problem("Name the administrator with --email or ADMIN_EMAIL.");
        return COMMAND_MISUSED;
    }
    struct str email =
        login_address(context, email_option != NULL ? str_of(email_option) : config->admin_email);
    if (str_is_absent(email)) {
        return COMMAND_MISUSED;
    }
    /* ADMIN_PASSWORD is the password of ADMIN_EMAIL, and of whoever is named when that is not set.
     */
    bool is_the_setting = email_option == NULL || str_is_absent(config->admin_email);
    struct str password = is_the_setting ? config->admin_password : (struct str){0};
    if (!str_is_absent(password) && !password_is_usable(password)) {
        return COMMAND_MISUSED;
    }
    struct user user;
    struct fault fault = find_user(context, email, &user);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        return create_account(context, email, password, as_json);
    }
    if (fault_occurred(fault)) {
        context_fault("MySQL", fault);
        return COMMAND_FAILED;
    }
    return report_existing(&user, email, as_json);
}

static enum command_result run_create(const struct options *options) {
    struct context context;
    enum command_result result =
        create(&context, options_text(options, "email"), options_flag(options, "json"));
    context_close(&context);
    return result;
}

static struct fault set_password(struct context *context, int64_t user_id, struct str password) {
    struct str hash = {0};
    TRY(password_hash(&context->arena, password, &hash));
    struct actor command_line = {0};
    return user_store_set_password(context->mysql, &context->arena, user_id, hash, &command_line);
}

static enum command_result reset_password(struct context *context, const char *email_option,
                                          bool as_json) {
    if (!context_open(context) || !context_open_mysql(context, 0)) {
        return COMMAND_MISUSED;
    }
    if (email_option == NULL) {
        context_problem("Name the administrator with --email.");
        return COMMAND_MISUSED;
    }
    struct str email = login_address(context, str_of(email_option));
    if (str_is_absent(email)) {
        return COMMAND_MISUSED;
    }
    struct user user;
    struct fault fault = find_user(context, email, &user);
    if (fault_is(fault, FAULT_NOT_FOUND) || (!fault_occurred(fault) && !is_administrator(&user))) {
        context_problem("There is no administrator %.*s.", STR_ARG(email));
        return COMMAND_FAILED;
    }
    struct str password = random_password(&context->arena);
    fault = fault_occurred(fault) ? fault : set_password(context, user.id, password);
    if (fault_occurred(fault)) {
        context_fault("MySQL", fault);
        return COMMAND_FAILED;
    }
    struct admin_report report = {.email = email, .password = password};
    print_report(&report, as_json);
    return COMMAND_DONE;
}

static enum command_result run_reset_password(const struct options *options) {
    struct context context;
    enum command_result result =
        reset_password(&context, options_text(options, "email"), options_flag(options, "json"));
    context_close(&context);
    return result;
}

static const struct option_row admin_options[] = {
    {.name = "email", .kind = OPTION_TEXT, .placeholder = "ADDRESS", .help = "who it is"},
    {.name = "json", .kind = OPTION_FLAG, .help = "print it as JSON"},
};

const struct command admin_create_command = {
    .name = "admin",
    .subname = "create",
    .summary = "make an administrator and print the password, once",
    .help =
        "Without --email the address is ADMIN_EMAIL's and the password ADMIN_PASSWORD's, which is\n"
        "not printed. Without ADMIN_PASSWORD a random one is made. An administrator that is there\n"
        "already keeps the password.\n",
    .options = admin_options,
    .option_count = COUNT_OF(admin_options),
    .run = run_create,
};

const struct command admin_reset_password_command = {
    .name = "admin",
    .subname = "reset-password",
    .summary = "give an administrator a new random password, and print it",
    .help = "Ends all of the administrator's sessions.\n",
    .options = admin_options,
    .option_count = COUNT_OF(admin_options),
    .run = run_reset_password,
};
